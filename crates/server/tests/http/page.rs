//! The page that a browser gets.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Response, TestEnv, Visitor};

use crate::common::{ask, memory};

#[actix_web::test]
async fn the_page_shows_count_value_instance_store_and_the_start_of_the_id() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();

    let first = ask(
        &mut visitor,
        Method::GET,
        &server.endpoint(),
        "/",
        &[("Accept", "text/html")],
    )
    .await?;
    assert!(
        first.body.contains("<h1>Hello World #0</h1>"),
        "{}",
        first.body
    );
    assert!(
        first.body.contains("not set") && !first.body.contains("Unset</button>"),
        "{}",
        first.body
    );

    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    let second = ask(
        &mut visitor,
        Method::GET,
        &server.endpoint(),
        "/",
        &[("Accept", "text/html")],
    )
    .await?;
    let short = second.session.clone().unwrap_or_default();
    for part in [
        "<h1>Hello World #1</h1>",
        "memory-1",
        "<dd>memory</dd>",
        "<strong>blue</strong>",
        "Unset</button>",
        &short,
    ] {
        assert!(second.body.contains(part), "no {part} in {}", second.body);
    }
    let whole = visitor.session_id().unwrap_or_default();
    assert!(
        short.len() == 8 && whole.len() == 36 && !second.body.contains(whole),
        "no more of the id than that"
    );
    Ok(())
}

#[actix_web::test]
async fn the_page_escapes_a_value() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    visitor
        .post(
            &server.endpoint(),
            "/session",
            "value=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26",
        )
        .await?;

    let seen = ask(
        &mut visitor,
        Method::GET,
        &server.endpoint(),
        "/",
        &[("Accept", "text/html")],
    )
    .await?;
    assert!(!seen.body.contains("<script"), "{}", seen.body);
    assert!(
        seen.body
            .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"),
        "{}",
        seen.body
    );
    Ok(())
}

#[actix_web::test]
async fn the_page_needs_nothing_from_elsewhere() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let seen = ask(
        &mut Visitor::new(),
        Method::GET,
        &server.endpoint(),
        "/",
        &[("Accept", "text/html")],
    )
    .await?;

    for foreign in [
        "<script",
        "src=",
        "@import",
        "url(",
        "https://",
        "//www.google",
    ] {
        assert!(!seen.body.contains(foreign), "{foreign} in {}", seen.body);
    }
    let links: Vec<_> = seen
        .body
        .match_indices("href=\"")
        .map(|(at, _)| &seen.body[at..at + 12])
        .collect();
    assert_eq!(
        links,
        ["href=\"data:i"],
        "one link, to an icon that needs no request"
    );
    assert!(
        seen.body.contains("<link rel=\"icon\" href=\"data:image/"),
        "{}",
        seen.body
    );
    let policy = seen.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.starts_with("default-src 'none'"),
        "and browsers are told so: {policy}"
    );
    Ok(())
}

#[actix_web::test]
async fn every_instance_has_a_colour_of_its_own() -> Result<()> {
    let env = TestEnv::new()?;
    let mut colours = Vec::new();
    for name in ["memory-1", "memory-2"] {
        let server = memory(&env, &[("INSTANCE", name)]).await?;
        let seen = ask(
            &mut Visitor::new(),
            Method::GET,
            &server.endpoint(),
            "/",
            &[("Accept", "text/html")],
        )
        .await?;
        colours.push(hue(&seen).unwrap_or_default());
    }
    let apart = (colours[0] - colours[1]).abs();
    assert!(
        apart.min(360 - apart) >= 60,
        "{colours:?} are hard to tell apart"
    );
    Ok(())
}

fn hue(seen: &Response) -> Option<i32> {
    seen.body
        .split_once("--hue:")?
        .1
        .split_once('"')?
        .0
        .parse()
        .ok()
}
