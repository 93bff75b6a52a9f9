//! What `/` answers, to whom, and what else is there.

use actix_web::http::Method;
use anyhow::Result;
use serde_json::{Value, json};
use testkit::{TestEnv, Visitor};

use crate::common::{ask, memory};

/// What a browser sends when somebody types an address.
const BROWSER: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

#[actix_web::test]
async fn the_greeting_counts_from_0_and_names_the_value_in_a_second_line() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());

    for count in 0..3 {
        let seen = visitor.get(&endpoint, "/").await?;
        assert_eq!(
            (seen.status, seen.body),
            (200, format!("Hello World #{count}\n"))
        );
    }
    visitor.get(&endpoint, "/session/set/blue").await?;
    assert_eq!(
        visitor.get(&endpoint, "/").await?.body,
        "Hello World #3\nvalue: blue\n"
    );
    visitor.get(&endpoint, "/session/unset/").await?;
    assert_eq!(visitor.get(&endpoint, "/").await?.body, "Hello World #4\n");

    assert_eq!(
        Visitor::new().get(&endpoint, "/").await?.body,
        "Hello World #0\n",
        "another visitor has another count"
    );
    Ok(())
}

#[actix_web::test]
async fn the_accept_header_chooses_between_text_json_and_page() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
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
            let seen = ask(
                &mut Visitor::new(),
                Method::GET,
                &server.endpoint(),
                path,
                &[("Accept", accept)],
            )
            .await?;
            assert_eq!(seen.status, 200, "{path} for {accept:?}");
            let kind = seen.header("content-type").unwrap_or_default();
            assert!(
                kind.starts_with(expected),
                "{path} for {accept:?} is {kind}"
            );
        }
    }
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert!(
        seen.header("content-type")
            .is_some_and(|kind| kind == "text/plain; charset=utf-8"),
        "without Accept"
    );
    Ok(())
}

#[actix_web::test]
async fn json_tells_count_value_instance_and_store_and_nothing_else() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    let accept = [("Accept", "application/json")];

    let seen = ask(&mut visitor, Method::GET, &server.endpoint(), "/", &accept).await?;
    let expected =
        json!({"visitCount": 0, "value": null, "instance": "memory-1", "store": "memory"});
    assert_eq!(serde_json::from_str::<Value>(&seen.body)?, expected);

    visitor
        .get(&server.endpoint(), "/session/set/%22%3C%5C")
        .await?;
    let seen = ask(&mut visitor, Method::GET, &server.endpoint(), "/", &accept).await?;
    let expected =
        json!({"visitCount": 1, "value": "\"<\\", "instance": "memory-1", "store": "memory"});
    assert_eq!(serde_json::from_str::<Value>(&seen.body)?, expected);
    Ok(())
}

#[actix_web::test]
async fn what_is_not_there_is_404_and_a_wrong_method_is_405_with_the_right_ones() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();

    for path in [
        "/favicon.ico",
        "/session/other",
        "/session/set",
        "/healthz/",
        "/%FF",
        "//",
        "/sessions",
    ] {
        let seen = visitor.get(&server.endpoint(), path).await?;
        assert_eq!(seen.status, 404, "{path}");
        assert!(
            seen.body.starts_with("there is nothing here"),
            "{path}: {}",
            seen.body
        );
    }
    let wrong = [
        (Method::POST, "/", "GET, HEAD"),
        (Method::DELETE, "/", "GET, HEAD"),
        (Method::PUT, "/session", "GET, HEAD, POST"),
        (Method::POST, "/session/set/v", "GET"),
        (Method::POST, "/session/unset/", "GET"),
        (Method::POST, "/healthz", "GET, HEAD"),
        (Method::POST, "/readyz", "GET, HEAD"),
    ];
    for (method, path, right) in wrong {
        let seen = ask(&mut visitor, method.clone(), &server.endpoint(), path, &[]).await?;
        assert_eq!(seen.status, 405, "{method} {path}");
        assert_eq!(seen.header("allow"), Some(right), "{method} {path}");
    }
    assert!(visitor.cookie().is_none(), "none of it begins a session");
    Ok(())
}

#[actix_web::test]
async fn head_is_answered_as_get_is_without_the_body() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    for path in ["/", "/session/", "/healthz", "/readyz"] {
        let seen = ask(
            &mut Visitor::new(),
            Method::HEAD,
            &server.endpoint(),
            path,
            &[],
        )
        .await?;
        assert_eq!((seen.status, seen.body.as_str()), (200, ""), "{path}");
    }
    Ok(())
}
