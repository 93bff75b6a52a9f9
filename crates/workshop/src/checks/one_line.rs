//! Exercise 7: from files to Redis in one line.

use anyhow::{Result, bail};
use testkit::{Redis, Visitor};

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let apps = bench.two_apps(&[("REDIS_URL", &redis.url())]).await?;
    let balancer = bench.balanced(&apps).await?;
    let mut visitor = Visitor::new();
    let seen = bench.visits(&mut visitor, &balancer.endpoint(), 6).await?;
    if let Err(error) = expect_counts(&seen, &[0, 1, 2, 3, 4, 5]) {
        let said = visitor.get(&apps[0].endpoint(), "/readyz").await?.body;
        let finding = error.downcast::<Finding>()?;
        bail!(Finding {
            meaning: reason(&said, &redis)?.unwrap_or(finding.meaning.clone()),
            ..finding
        })
    }
    Ok(())
}

/// Why two servers don't share what they keep, by the store that one of them `said` it has.
fn reason(said: &str, redis: &Redis) -> Result<Option<String>> {
    let keys = redis.cli(&["--scan"])?;
    let kept_here = keys.lines().any(|key| key.starts_with("session:"));
    let reason = if said.contains("store file") {
        "the sessions are in files, a folder for each server: what one has, the other doesn't see"
    } else if said.contains("store memory") {
        "memory is not shared either: each server has its own, and a restart loses it"
    } else if keys.is_empty() {
        "the server says redis, and Redis holds nothing: only the name was changed"
    } else if !kept_here {
        "Redis holds the sessions, but each server looks under a prefix of its own"
    } else {
        return Ok(None);
    };
    Ok(Some(reason.to_owned()))
}
