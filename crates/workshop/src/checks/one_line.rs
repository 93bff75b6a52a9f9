//! Exercise 7: from files to Redis in one line.

use anyhow::{Result, bail};
use testkit::Redis;

use crate::checker::{Checker, Finding, miscount};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (redis, apps) = checker.redis_and_two_apps(&[]).await?;
    let balancer = checker.balancer(&apps).await?;
    let mut visitor = checker.visitor(&balancer.endpoint());
    let seen = visitor.visits(6).await?;
    if let Some(finding) = miscount(&seen, &[0, 1, 2, 3, 4, 5]) {
        let app = apps[0].endpoint();
        let ready = visitor.client.get(&app, "/readyz").await?.body;
        let meaning = explain(&ready, &redis)?.map_or(finding.meaning, str::to_owned);
        bail!(Finding { meaning, ..finding })
    }
    Ok(())
}

/// Explains why two instances share no sessions, from the store that one of them names in its `/readyz` response.
fn explain(ready: &str, redis: &Redis) -> Result<Option<&'static str>> {
    let keys = redis.cli(&["--scan"])?;
    Ok(if ready.contains("store file") {
        Some(
            "the sessions are in files, in one folder for each instance. One instance doesn't see the other's sessions",
        )
    } else if ready.contains("store memory") {
        Some("memory is not shared either: each instance has its own, and a restart empties it")
    } else if keys.is_empty() {
        Some(
            "the instance calls its store redis, but Redis holds nothing: only the name was changed",
        )
    } else if !keys.lines().any(|key| key.starts_with("session:")) {
        Some("Redis holds the sessions, but each instance uses a key prefix of its own")
    } else {
        None
    })
}
