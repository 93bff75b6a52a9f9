//! What balancers ask, beside the sessions.

use std::time::Duration;

use anyhow::Result;
use testkit::{TestEnv, Visitor};

use crate::common::{memory, redis};

#[actix_web::test]
async fn health_and_readiness_are_told_without_beginning_a_session() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    for (path, body) in [
        ("/healthz", "ok\n"),
        ("/readyz", "ready; store memory: up\n"),
    ] {
        let seen = visitor.get(&server.endpoint(), path).await?;
        assert_eq!(
            (seen.status, seen.body.as_str(), seen.header("set-cookie")),
            (200, body, None),
            "{path}"
        );
    }
    visitor.get(&server.endpoint(), "/").await?;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            visitor
                .get(&server.endpoint(), path)
                .await?
                .header("set-cookie"),
            None,
            "{path} with a session"
        );
    }
    assert_eq!(visitor.get(&server.endpoint(), "/").await?.count(), Some(1));
    Ok(())
}

#[actix_web::test]
async fn a_server_without_its_redis_is_healthy_and_ready_and_says_what_is_down() -> Result<()> {
    let env = TestEnv::new()?;
    let (mut redis, server) = redis(&env, "500ms").await?;
    let mut visitor = Visitor::new();
    assert_eq!(
        visitor.get(&server.endpoint(), "/readyz").await?.body,
        "ready; store redis: up\n"
    );

    redis.stop().await?;
    let ready = visitor.get(&server.endpoint(), "/readyz").await?;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (200, "ready; store redis: down\n")
    );
    assert_eq!(
        visitor.get(&server.endpoint(), "/healthz").await?.status,
        200
    );

    redis.resume().await?;
    testkit::wait_until("the store to be up", Duration::from_secs(2), async || {
        let seen = visitor.get(&server.endpoint(), "/readyz").await?;
        Ok(seen.body.ends_with(": up\n").then_some(()))
    })
    .await?;

    redis.freeze()?;
    let ready = visitor.get(&server.endpoint(), "/readyz").await?;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (200, "ready; store redis: not answering\n")
    );
    assert!(
        ready.took < Duration::from_secs(1),
        "a balancer doesn't wait: {:?}",
        ready.took
    );
    redis.thaw()
}
