//! Redis gone, frozen and full while the server serves.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result};
use testkit::{Response, TestEnv, Visitor, wait_until};

use crate::common::redis;

/// How long the server waits for Redis here: long enough to tell who waited from who didn't, on a slow machine too.
const PATIENCE: &str = "2s";
/// A bound on what has no store to wait for.
const AT_ONCE: Duration = Duration::from_secs(1);

fn assert_unavailable(seen: &Response) {
    assert_eq!(seen.status, 503, "{seen:?}");
    assert_eq!(
        seen.body, "the session store is not available; try again in a moment\n",
        "and neither address nor cause"
    );
    assert!(
        seen.header("retry-after")
            .is_some_and(|after| after.parse::<u32>().is_ok()),
        "{seen:?}"
    );
    assert_eq!(
        seen.header("set-cookie"),
        None,
        "the visitor keeps the session"
    );
    assert!(seen.took < Duration::from_secs(5), "{:?}", seen.took);
}

#[actix_web::test]
async fn while_redis_is_gone_sessions_are_503_and_when_it_is_back_they_are_intact() -> Result<()> {
    let env = TestEnv::new()?;
    let (mut redis, server) = redis(&env, PATIENCE).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    let session = visitor.session_id().map(str::to_owned);

    redis.stop().await?;
    for path in ["/", "/session/", "/session/set/red", "/session/unset/"] {
        assert_unavailable(&visitor.get(&endpoint, path).await?);
    }
    assert_unavailable(&visitor.post(&endpoint, "/session", "value=red").await?);
    assert_unavailable(&Visitor::new().get(&endpoint, "/").await?);
    let healthy = visitor.get(&endpoint, "/healthz").await?;
    assert!(
        healthy.status == 200 && healthy.took < AT_ONCE,
        "{healthy:?}"
    );
    assert_eq!(
        Visitor::new().get(&endpoint, "/session/").await?.status,
        200,
        "who has no session needs no store"
    );
    let log = server.log();
    let cause = format!(
        "cannot reach Redis at {}: connection refused",
        redis.address()
    );
    for call in ["load", "save"] {
        assert!(
            log.contains(&format!("session {call} failed: {cause}")),
            "{log}"
        );
    }

    redis.resume().await?;
    let seen = visitor.get(&endpoint, "/").await?;
    assert_eq!(seen.body, "Hello World #1\nvalue: blue\n");
    assert_eq!(visitor.session_id().map(str::to_owned), session);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    Ok(())
}

#[actix_web::test]
async fn a_redis_that_was_restarted_in_between_is_not_noticed() -> Result<()> {
    let env = TestEnv::new()?;
    let (mut redis, server) = redis(&env, PATIENCE).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/").await?;
    redis.restart().await?;
    let seen = visitor.get(&server.endpoint(), "/").await?;
    assert_eq!((seen.status, seen.count()), (200, Some(1)));
    Ok(())
}

#[actix_web::test]
async fn a_frozen_redis_is_503_in_bounded_time_and_holds_nobody_else() -> Result<()> {
    let env = TestEnv::new()?;
    let (redis, server) = redis(&env, PATIENCE).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/").await?;

    redis.freeze()?;
    let endpoint = server.endpoint();
    let waiting = rt::spawn(async move { (visitor.get(&endpoint, "/").await, visitor) });
    let healthy = Visitor::new().get(&server.endpoint(), "/healthz").await?;
    assert!(
        healthy.status == 200 && healthy.took < AT_ONCE,
        "{healthy:?}"
    );
    let (seen, mut visitor) = waiting.await.context("panicked")?;
    assert_unavailable(&seen?);
    assert!(
        server.log().contains("did not answer within 2s"),
        "{}",
        server.log()
    );
    for _ in 0..3 {
        assert_unavailable(&visitor.get(&server.endpoint(), "/").await?);
    }

    redis.thaw()?;
    // After a timeout, requests fail without asking for a moment.
    let seen = wait_until(
        "sessions to be served",
        Duration::from_secs(5),
        async || {
            let seen = visitor.get(&server.endpoint(), "/").await?;
            Ok((seen.status != 503).then_some(seen))
        },
    )
    .await?;
    assert!(
        seen.count() >= Some(1),
        "a write that timed out may have been done: {}",
        seen.body
    );
    Ok(())
}

#[actix_web::test]
async fn a_full_redis_is_503_for_writes_and_the_log_says_so() -> Result<()> {
    let env = TestEnv::new()?;
    let (redis, server) = redis(&env, PATIENCE).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    visitor.get(&endpoint, "/").await?;

    redis.cli(&["SETRANGE", "filler", "2000000", "x"])?;
    redis.cli(&[
        "CONFIG",
        "SET",
        "maxmemory",
        "1mb",
        "maxmemory-policy",
        "noeviction",
    ])?;
    assert_unavailable(&visitor.get(&endpoint, "/").await?);
    assert_unavailable(&Visitor::new().get(&endpoint, "/").await?);
    let log = server.log();
    assert!(
        log.contains("session update failed: ")
            && log.contains("session save failed: ")
            && log.contains("OOM"),
        "{log}"
    );
    assert_eq!(
        visitor.get(&endpoint, "/session/").await?.status,
        200,
        "what is there can be read"
    );

    redis.cli(&["CONFIG", "SET", "maxmemory", "0"])?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));
    Ok(())
}
