//! Redis is down, frozen or full while the server runs.

use std::time::Duration;

use actix_web::rt;
use anyhow::{Context, Result};
use testkit::{Demo, Instance, Persistence, Redis, Response, TestEnv, Visitor, wait_until};

/// How long a request that does not need Redis may take. A load balancer would give up after that.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Starts Redis and `demo-redis`, called `redis-1`. It has one worker, so a test notices if a request blocks it. It
/// waits for Redis much longer than `AT_ONCE`.
async fn start() -> Result<(Redis, Instance)> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let settings = [
        ("REDIS_URL", &*redis.url()),
        ("REDIS_TIMEOUT", "2s"),
        ("WORKERS", "1"),
    ];
    let server = Instance::started(&env, Demo::Redis, "redis-1", &settings).await?;
    Ok((redis, server))
}

/// Checks that the server is up, and reports its store as `state`. The status does not depend on the store.
async fn assert_ready(server: &Instance, state: &str) -> Result<()> {
    let ready = format!("ready; store redis: {state}\n");
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", &ready)] {
        let seen = Visitor::new().get(&server.endpoint(), path).await?;
        assert_eq!((seen.status, &*seen.body), (200, body));
        assert!(seen.took < AT_ONCE, "{path}: {:?}", seen.took);
    }
    Ok(())
}

/// Checks that a response is a 503 without the address of Redis and the cause.
fn assert_unavailable(seen: &Response) {
    let text = "the session store is not available; try again in a moment\n";
    assert_eq!((seen.status, &*seen.body), (503, text));
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
async fn redis_down_or_full_is_503_until_it_is_back() -> Result<()> {
    let (mut redis, server) = start().await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    let session = visitor.session_id().map(str::to_owned);
    assert_ready(&server, "up").await?;

    redis.stop().await?;
    for path in ["/", "/session/", "/session/set/red", "/session/unset/"] {
        assert_unavailable(&visitor.get(&endpoint, path).await?);
    }
    assert_unavailable(&visitor.post(&endpoint, "/session", "value=red").await?);
    assert_unavailable(&Visitor::new().get(&endpoint, "/").await?);
    assert_ready(&server, "down").await?;
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
    assert_ready(&server, "up").await?;

    redis.cli(&["CONFIG", "SET", "maxmemory", "1"])?;
    assert_unavailable(&visitor.get(&endpoint, "/").await?);
    assert_unavailable(&Visitor::new().get(&endpoint, "/").await?);
    assert_eq!(visitor.get(&endpoint, "/session/").await?.status, 200);
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"])?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(2));
    assert!(!server.log().contains("panicked"), "{}", server.log());
    Ok(())
}

#[actix_web::test]
async fn redis_frozen_is_503_in_time_and_blocks_no_other() -> Result<()> {
    let (redis, server) = start().await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    visitor.get(&endpoint, "/").await?;

    redis.freeze()?;
    let waiting = rt::spawn(async move { (visitor.get(&endpoint, "/").await, visitor) });
    assert_ready(&server, "not answering").await?;
    let (seen, mut visitor) = waiting.await.context("panicked")?;
    assert_unavailable(&seen?);
    for _ in 0..3 {
        assert_unavailable(&visitor.get(&server.endpoint(), "/").await?);
    }

    redis.thaw()?;
    // For a moment after a timeout, requests fail without asking Redis.
    let seen = wait_until("Redis to thaw", Duration::from_secs(5), async || {
        let seen = visitor.get(&server.endpoint(), "/").await?;
        Ok((seen.status != 503).then_some(seen))
    })
    .await?;
    // Redis may have done a write that timed out.
    assert!(seen.count() >= Some(1), "{}", seen.body);
    Ok(())
}
