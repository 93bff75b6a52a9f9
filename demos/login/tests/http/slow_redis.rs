//! Redis answers slowly, or gets a command late.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use actix_web::{http::Method, rt};
use anyhow::{Context, Result};
use serde_json::Value;
use testkit::wait_until;

use crate::common::{App, Client};

const PATIENCE: Duration = Duration::from_secs(10);

/// Counts a visit. Returns `None` if the store is not available.
async fn count(client: &mut Client) -> Result<Option<u64>> {
    let response = client.get("/api/counter").await?;
    if response.status == 503 {
        return Ok(None);
    }
    let body: Value = serde_json::from_str(&response.body)?;
    Ok(Some(body["count"].as_u64().context("no count")?))
}

/// Each of these requests takes two commands, and Redis takes 300 ms for each. If the store sent a command for each
/// session that it revokes, the last request would take half a minute.
#[actix_web::test]
async fn a_request_waits_a_bounded_time_for_redis_in_total() -> Result<()> {
    let (app, redis, proxy) = App::behind_proxy("400ms").await?;
    let mut alice = app.logged_in("alice").await?;
    for _ in 0..99 {
        app.logged_in("alice").await?;
    }
    // Redis knows the script from now on.
    alice.log_in("alice").await?;
    proxy.slow_down(Duration::from_millis(300), usize::MAX);
    for (method, path) in [
        (Method::POST, "/login"),
        (Method::GET, "/sessions"),
        (Method::POST, "/sessions/revoke-others"),
    ] {
        let request = alice
            .request(method, &alice.endpoint, path)
            .content_type("application/json");
        let response = (*alice).send(request, r#"{"userId":"alice"}"#).await?;
        assert_eq!(response.status, 503, "{response:?}");
        assert!(response.took < Duration::from_secs(1), "{response:?}");
    }
    proxy.slow_down(Duration::ZERO, usize::MAX);
    // Redis has run the login, which ended the old session, and then the command that takes back the new one.
    wait_until("the store", PATIENCE, async || {
        Ok((alice.get("/dashboard").await?.status != 503).then_some(()))
    })
    .await?;
    assert_eq!(alice.get("/dashboard").await?.status, 303);
    // The IDs in alice's index are those of the sessions in Redis.
    let listed = redis.cli(&["ZRANGE", "session:user:alice:sessions", "0", "-1"])?;
    let keys = redis.cli(&["SCAN", "0", "COUNT", "10000", "TYPE", "string"])?;
    let stored = keys.lines().filter_map(|key| key.strip_prefix("session:"));
    let stored: BTreeSet<_> = stored.collect();
    assert_eq!(stored, listed.lines().collect());
    assert_eq!(stored.len(), 99);
    Ok(())
}

/// As a retransmission does. The visitor saw 503 and has gone on.
#[actix_web::test]
async fn a_write_that_is_two_seconds_late_undoes_nothing() -> Result<()> {
    let (app, redis, proxy) = App::behind_proxy("500ms").await?;
    let mut visitor = app.client();
    for visit in 1..=2 {
        assert_eq!(count(&mut visitor).await?, Some(visit));
    }
    let late = proxy.hold("\"Version\":3,");
    let held = Instant::now();
    assert_eq!(count(&mut visitor).await?, None);
    assert!(late.has_arrived());
    let mut visits = 2;
    while held.elapsed() < Duration::from_secs(2) {
        if let Some(seen) = count(&mut visitor).await? {
            visits += 1;
            assert_eq!(seen, visits);
        }
    }
    assert!(visits > 10, "{visits}");
    let writes = || Ok::<_, anyhow::Error>(redis.command_stats()?["evalsha"].calls);
    let before = writes()?;
    late.release();
    wait_until("the late write", PATIENCE, async || {
        Ok((writes()? > before).then_some(()))
    })
    .await?;
    assert_eq!(count(&mut visitor).await?, Some(visits + 1));
    Ok(())
}

#[actix_web::test]
async fn fifty_requests_at_once_get_fifty_numbers() -> Result<()> {
    // A busy machine may need more than the usual time for all the attempts.
    let app = App::start(&[("REDIS_TIMEOUT", "5s")]).await?;
    let mut visitor = app.client();
    count(&mut visitor).await?;
    let mut requests = Vec::new();
    for _ in 0..50 {
        let mut tab = visitor.copied()?;
        requests.push(rt::spawn(async move { count(&mut tab).await }));
    }
    let mut seen = BTreeSet::new();
    for request in requests {
        seen.extend(request.await??);
    }
    assert_eq!(seen, (2..=51).collect());
    assert_eq!(count(&mut visitor).await?, Some(52));
    Ok(())
}
