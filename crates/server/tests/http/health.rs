//! The load balancer's health checks, which need no session.

use std::time::Duration;

use actix_web::http::Method;
use anyhow::Result;
use testkit::{TestEnv, Visitor, wait_until};

use crate::common::{memory, redis, send};

#[actix_web::test]
async fn health_checks_answer_without_a_session() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    for visits in 0..2 {
        for (path, body) in [
            ("/healthz", "ok\n"),
            ("/readyz", "ready; store memory: up\n"),
        ] {
            let seen = visitor.get(&endpoint, path).await?;
            assert_eq!(
                (seen.status, &*seen.body, seen.header("set-cookie")),
                (200, body, None),
                "{path}"
            );
            let seen = send(&mut visitor, Method::HEAD, &endpoint, path, &[]).await?;
            assert_eq!((seen.status, &*seen.body), (200, ""), "HEAD {path}");
            let seen = send(&mut visitor, Method::POST, &endpoint, path, &[]).await?;
            assert_eq!(
                (seen.status, seen.header("allow")),
                (405, Some("GET, HEAD")),
                "POST {path}"
            );
        }
        assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(visits));
    }
    Ok(())
}

#[actix_web::test]
async fn ready_reports_the_store_and_does_not_depend_on_it() -> Result<()> {
    let env = TestEnv::new()?;
    let (mut redis, server) = redis(&env, "500ms").await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    let ready = visitor.get(&endpoint, "/readyz").await?;
    assert_eq!(ready.body, "ready; store redis: up\n");

    redis.stop().await?;
    let ready = visitor.get(&endpoint, "/readyz").await?;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (200, "ready; store redis: down\n")
    );

    redis.resume().await?;
    wait_until("the store to be up", Duration::from_secs(2), async || {
        let seen = visitor.get(&endpoint, "/readyz").await?;
        Ok(seen.body.ends_with(": up\n").then_some(()))
    })
    .await?;

    redis.freeze()?;
    let ready = visitor.get(&endpoint, "/readyz").await?;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (200, "ready; store redis: not answering\n")
    );
    assert!(
        ready.took < Duration::from_secs(1),
        "a load balancer would give up: {:?}",
        ready.took
    );
    redis.thaw()
}
