//! The pages of errors, for browsers. Other tests check the text for other clients.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Demo, Instance, Persistence, Redis, Response, TestEnv, Visitor};

use crate::common::{memory, send};

const BROWSER: (&str, &str) = (
    "Accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);

/// Checks that `seen` is a page with each of `parts`, and that it keeps the policy and the headers of other pages.
#[track_caller]
fn assert_page(seen: &Response, parts: &[&str]) {
    let html = Some("text/html; charset=utf-8");
    assert_eq!(seen.header("content-type"), html, "{seen:?}");
    let policy = seen.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(seen.instance.is_some(), "{seen:?}");
    for part in parts {
        assert!(seen.body.contains(part), "no {part} in {}", seen.body);
    }
}

#[actix_web::test]
async fn browsers_get_a_page_for_each_error() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory(&[("REQUEST_TIMEOUT", "1s")]).await?;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let foreign = ("Sec-Fetch-Site", "cross-site");
    let long: &'static str = format!("value={}", "a".repeat(20_000)).leak();
    for (method, path, header, body, status, parts) in [
        (
            Method::GET,
            "/nothing?%3Cb%3E",
            None,
            "",
            404,
            &["There is nothing here; try / or /session/."][..],
        ),
        (
            Method::GET,
            "/session/set/%FF",
            None,
            "",
            400,
            &["The value is not UTF-8 once its %XX are decoded."],
        ),
        (
            Method::POST,
            "/session",
            Some(foreign),
            "",
            403,
            &["This request came from another site's page."],
        ),
        (Method::PUT, "/", None, "", 405, &["another method"]),
        (Method::POST, "/session", None, long, 413, &["send less"]),
        (
            Method::POST,
            "/session",
            None,
            "",
            400,
            &["check what you sent"],
        ),
    ] {
        let mut headers = vec![BROWSER, form];
        headers.extend(header);
        let seen = send(&mut visitor, method, &endpoint, path, &headers, body).await?;
        assert_eq!(seen.status, status, "{path}: {seen:?}");
        assert_page(&seen, parts);
        assert_page(
            &seen,
            &[
                "memory-1 refused the request.",
                "<a href=\"/\">Start page</a>",
            ],
        );
        assert!(!seen.body.contains("<b>"), "{}", seen.body);
        assert!(
            !seen.body.contains("HAProxy"),
            "there is none: {}",
            seen.body
        );
        assert_eq!(seen.header("refresh"), None, "{path}");
    }
    let health = send(
        &mut visitor,
        Method::POST,
        &endpoint,
        "/healthz",
        &[BROWSER],
        "",
    )
    .await?;
    assert_eq!((health.status, &*health.body), (405, ""));
    Ok(())
}

/// Only a GET is repeated: a POST may have changed something.
#[actix_web::test]
async fn the_page_of_a_store_that_is_down_tries_again() -> Result<()> {
    let env = TestEnv::new()?;
    let mut redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let settings = [("REDIS_URL", &*redis.url()), ("BEHIND_PROXY", "true")];
    let server = Instance::started(&env, Demo::Redis, "redis-1", &settings).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    redis.stop().await?;

    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (method, path, body, refresh) in [
        (Method::GET, "/session/set/v", "", Some("5")),
        (Method::POST, "/session", "value=v", None),
    ] {
        let headers = [BROWSER, form];
        let seen = send(&mut visitor, method, &endpoint, path, &headers, body).await?;
        assert_eq!(seen.status, 503, "{seen:?}");
        let parts = [
            "redis-1 cannot use the redis store.",
            "HAProxy</span>",
            "The session store is not available; try again in a moment.",
        ];
        assert_page(&seen, &parts);
        assert_eq!(seen.header("refresh"), refresh);
        assert_eq!(seen.header("retry-after"), Some("1"));
        assert_eq!(seen.header("cache-control"), Some("no-store"));
        let says_so = seen.body.contains("tries again by itself after 5 seconds");
        assert_eq!(says_so, refresh.is_some(), "{}", seen.body);
    }
    Ok(())
}
