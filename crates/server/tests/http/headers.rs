//! What goes with every answer: who gave it, and that it isn't to be kept.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{TestEnv, Visitor};

use crate::common::{ask, memory, redis};

#[actix_web::test]
async fn every_answer_names_its_instance_and_no_session_answer_is_to_be_kept() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let cases = [
        (Method::GET, "/", 200),
        (Method::GET, "/session/", 200),
        (Method::GET, "/session/set/v", 200),
        (Method::GET, "/session/unset/", 200),
        (Method::GET, "/session/set/%FF", 400),
        (Method::GET, "/session/other", 404),
        (Method::POST, "/session", 415),
        (Method::PUT, "/session", 405),
        (Method::PUT, "/", 405),
    ];
    for (method, path, status) in cases {
        let seen = ask(
            &mut Visitor::new(),
            method.clone(),
            &server.endpoint(),
            path,
            &[],
        )
        .await?;
        assert_eq!(seen.status, status, "{method} {path}");
        assert_eq!(
            seen.instance.as_deref(),
            Some("memory-1"),
            "{method} {path}"
        );
        assert_eq!(
            seen.header("cache-control"),
            Some("no-store"),
            "{method} {path}"
        );
    }
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/nothing", 404)] {
        let seen = Visitor::new().get(&server.endpoint(), path).await?;
        assert_eq!(
            (seen.status, seen.instance.as_deref()),
            (status, Some("memory-1")),
            "{path}"
        );
    }
    let refused = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let seen = ask(
        &mut Visitor::new(),
        Method::POST,
        &server.endpoint(),
        "/session",
        &refused,
    )
    .await?;
    assert_eq!(
        (
            seen.status,
            seen.instance.as_deref(),
            seen.header("cache-control")
        ),
        (403, Some("memory-1"), Some("no-store"))
    );
    let seen = Visitor::new()
        .post(&server.endpoint(), "/session", "value=v")
        .await?;
    assert_eq!(
        (
            seen.status,
            seen.instance.as_deref(),
            seen.header("cache-control")
        ),
        (303, Some("memory-1"), Some("no-store"))
    );
    Ok(())
}

#[actix_web::test]
async fn an_answer_without_its_store_names_its_instance_and_is_not_to_be_kept() -> Result<()> {
    let env = TestEnv::new()?;
    let (mut redis, server) = redis(&env, "500ms").await?;
    redis.stop().await?;
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(
        (
            seen.status,
            seen.instance.as_deref(),
            seen.header("cache-control")
        ),
        (503, Some("redis-1"), Some("no-store"))
    );
    Ok(())
}

#[actix_web::test]
async fn an_instance_without_a_name_is_called_by_its_address() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("INSTANCE", "")]).await?;
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(seen.instance, Some(server.address().to_string()));
    Ok(())
}
