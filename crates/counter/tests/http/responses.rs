//! The greeting, the formats of a response, and the URLs that exist.

use actix_web::http::Method;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use testkit::Visitor;

use crate::common::{get_as, memory};

/// The header of a browser whose user types an address.
const BROWSER: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

#[actix_web::test]
async fn the_greeting_counts_from_0_in_response_and_log() -> Result<()> {
    let (server, endpoint, mut visitor) = memory().await?;

    for count in 0..2 {
        let seen = visitor.get(&endpoint, "/").await?;
        let greeting = format!("Hello World #{count}\n");
        assert_eq!((seen.status, seen.body), (200, greeting));
    }
    let log = server.log();
    let short = &visitor.session_id().context("no session")?[..8];
    let lines: Vec<_> = log
        .lines()
        .filter_map(|line| Some(line.split_once("counter::routes] ")?.1.to_owned()))
        .collect();
    let expected = [
        "Hello world sessionID=-".to_owned(),
        "Visits: 0 sessionID=-".to_owned(),
        format!("Hello world sessionID={short}"),
        format!("Visits: 1 sessionID={short}"),
    ];
    assert_eq!(lines, expected);

    let other = Visitor::new().get(&endpoint, "/").await?;
    assert_eq!(other.body, "Hello World #0\n");
    Ok(())
}

/// A terminal would interpret them, and a line break would forge a line.
#[actix_web::test]
async fn control_characters_in_text_are_escaped() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;

    for (path, text) in [
        ("/session/set/one%0A%1Btwo", "value set: "),
        ("/session/", ""),
        ("/", "Hello World #0\nvalue: "),
    ] {
        let seen = visitor.get(&endpoint, path).await?;
        assert_eq!(seen.body, format!("{text}one\\n\\u{{1b}}two\n"), "{path}");
    }
    Ok(())
}

#[actix_web::test]
async fn the_accept_header_chooses_text_json_or_page() -> Result<()> {
    let (_server, endpoint, _) = memory().await?;
    let cases = [
        ("*/*", "text/plain"),
        ("text/plain", "text/plain"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html", "text/html"),
        (BROWSER, "text/html"),
        (
            "application/json;q=0.5, text/html;q=0.4",
            "application/json",
        ),
        ("application/json;q=0.4, text/html;q=0.5", "text/html"),
        ("text/html;q=0.1, */*", "text/plain"),
        ("text/html;q=0, application/json;q=0.1", "application/json"),
        ("text/html;q=0", "text/plain"),
        ("image/png", "text/plain"),
        ("not a media type", "text/plain"),
        ("", "text/plain"),
    ];
    for (accept, expected) in cases {
        for path in ["/", "/session/", "/session/set/v", "/session/unset/"] {
            let seen = get_as(&mut Visitor::new(), &endpoint, path, accept).await?;
            assert_eq!(seen.status, 200, "{path} for {accept:?}");
            let media_type = seen.header("content-type").unwrap_or_default();
            assert!(
                media_type.starts_with(expected),
                "{path} for {accept:?} is {media_type}"
            );
        }
    }
    let seen = Visitor::new().get(&endpoint, "/").await?;
    assert_eq!(
        seen.header("content-type"),
        Some("text/plain; charset=utf-8"),
        "without Accept"
    );
    Ok(())
}

#[actix_web::test]
async fn json_has_count_value_instance_and_store() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;

    for (count, value) in [(0, json!(null)), (1, json!("\"<\\"))] {
        let seen = get_as(&mut visitor, &endpoint, "/", "application/json").await?;
        let expected =
            json!({"visitCount": count, "value": value, "instance": "memory-1", "store": "memory"});
        assert_eq!(serde_json::from_str::<Value>(&seen.body)?, expected);
        visitor.get(&endpoint, "/session/set/%22%3C%5C").await?;
    }
    Ok(())
}

#[actix_web::test]
async fn unknown_paths_are_404_and_wrong_methods_405() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;

    let unknown = "/favicon.ico /session/other /session/set /healthz/ /%FF // /sessions";
    for path in unknown.split(' ') {
        let seen = visitor.get(&endpoint, path).await?;
        let message = "there is nothing here; try / or /session/\n";
        assert_eq!((seen.status, &*seen.body), (404, message), "{path}");
    }
    for (method, path, allowed) in [
        (Method::POST, "/", "GET, HEAD"),
        (Method::DELETE, "/", "GET, HEAD"),
        (Method::PUT, "/session", "GET, HEAD, POST"),
        (Method::POST, "/session/set/v", "GET"),
        (Method::POST, "/session/unset/", "GET"),
        (Method::GET, "/logout", "POST"),
    ] {
        let request = visitor.request(method.clone(), &endpoint, path);
        let seen = visitor.send(request, "").await?;
        let observed = (seen.status, seen.header("allow"));
        assert_eq!(observed, (405, Some(allowed)), "{method} {path}");
    }
    assert!(visitor.cookie().is_none(), "none of them starts a session");

    for path in ["/", "/session/"] {
        let request = visitor.request(Method::HEAD, &endpoint, path);
        let seen = visitor.send(request, "").await?;
        assert_eq!((seen.status, seen.body.as_str()), (200, ""), "HEAD {path}");
    }
    Ok(())
}
