//! Redis is down, frozen or full while the server runs.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result};
use testkit::{Response, TestEnv, Visitor, wait_until};

use crate::common::redis;

/// How long the server waits for Redis: much longer than a request that does not need Redis, even on a slow machine.
const REDIS_TIMEOUT: &str = "2s";
/// The longest that a request without Redis may take.
const AT_ONCE: Duration = Duration::from_secs(1);

fn assert_unavailable(seen: &Response) {
    assert_eq!(
        (seen.status, &*seen.body),
        (
            503,
            "the session store is not available; try again in a moment\n"
        ),
        "without the address and the cause"
    );
    for (header, value) in [
        ("retry-after", Some("1")),
        ("cache-control", Some("no-store")),
        ("x-served-by", Some("redis-1")),
        ("set-cookie", None),
    ] {
        assert_eq!(seen.header(header), value, "{header}");
    }
    assert!(seen.took < Duration::from_secs(5), "{:?}", seen.took);
}

#[actix_web::test]
async fn redis_down_is_503_until_it_is_back() -> Result<()> {
    let env = TestEnv::new()?;
    let (mut redis, server) = redis(&env, REDIS_TIMEOUT).await?;
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
    let without_session = Visitor::new().get(&endpoint, "/session/").await?;
    assert_eq!(without_session.status, 200, "nothing to load");
    let (log, address) = (server.log(), redis.address());
    for call in ["load", "save"] {
        let error = format!("session {call} failed: ");
        let mut lines = log.lines().filter(|line| line.contains(&error));
        assert!(lines.any(|line| line.contains(&address)), "{log}");
    }

    redis.resume().await?;
    let seen = visitor.get(&endpoint, "/").await?;
    assert_eq!(seen.body, "Hello World #1\nvalue: blue\n");
    assert_eq!(visitor.session_id().map(str::to_owned), session);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    Ok(())
}

#[actix_web::test]
async fn redis_frozen_is_503_in_time_and_blocks_no_other() -> Result<()> {
    let env = TestEnv::new()?;
    let (redis, server) = redis(&env, REDIS_TIMEOUT).await?;
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
    // For a moment after a timeout, requests fail without asking Redis.
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
        "Redis may have done a write that timed out: {}",
        seen.body
    );
    Ok(())
}

#[actix_web::test]
async fn redis_full_is_503_for_writes_only() -> Result<()> {
    let env = TestEnv::new()?;
    let (redis, server) = redis(&env, REDIS_TIMEOUT).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    visitor.get(&endpoint, "/").await?;

    redis.cli(&["SETRANGE", "filler", "2000000", "x"])?;
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"])?;
    redis.cli(&["CONFIG", "SET", "maxmemory", "1mb"])?;
    assert_unavailable(&visitor.get(&endpoint, "/").await?);
    assert_unavailable(&Visitor::new().get(&endpoint, "/").await?);
    let log = server.log();
    for part in ["session update failed: ", "session save failed: ", "OOM"] {
        assert!(log.contains(part), "no {part} in {log}");
    }
    assert_eq!(visitor.get(&endpoint, "/session/").await?.status, 200);

    redis.cli(&["CONFIG", "SET", "maxmemory", "0"])?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));
    Ok(())
}
