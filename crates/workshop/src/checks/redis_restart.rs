//! Exercise 9: Redis shuts down, is killed, and loses nothing.

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::{Demo, Instance, Redis, wait_until};

use crate::checker::{Checker, Finding, miscount, summary};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let mut redis = checker.redis_from_work().await?;
    let url = redis.url();
    let app = Instance::started(&checker.env, Demo::Redis, "app-1", &[("REDIS_URL", &url)]).await?;
    let mut visitor = checker.visitor(&app.endpoint());
    visitor.expect(&[0, 1, 2]).await?;

    redis.restart().await?;
    checker.log("Redis shuts down in an orderly way (SIGTERM) and is started again");
    let seen = visitor.visits(2).await?;
    if let Some(finding) = miscount(&seen, &[3, 4]) {
        if seen[0].count() != Some(0) {
            bail!(finding);
        }
        let meaning = why_empty(&redis)?;
        bail!(Finding::new("counts 3 4", summary(&seen), meaning));
    }

    wait_until_written(&redis).await?;
    redis.kill().await?;
    redis.resume().await?;
    checker.log("Redis is killed (SIGKILL) and started again");
    let seen = visitor.visits(1).await?;
    if let Some(finding) = miscount(&seen, &[5]) {
        if setting(&redis, "appendonly")? != "no" {
            bail!(finding);
        }
        let meaning = "Redis came back with its last snapshot, from the orderly shutdown. A kill leaves no time for another one, so the later changes are lost";
        bail!(Finding::new("counts 5", summary(&seen), meaning));
    }
    Ok(())
}

/// Explains why Redis came back empty after an orderly shutdown.
fn why_empty(redis: &Redis) -> Result<&'static str> {
    let append_only = setting(redis, "appendonly")? != "no";
    let default_sync = setting(redis, "appendfsync")? == "everysec";
    let snapshots = !setting(redis, "save")?.is_empty();
    Ok(if !append_only && !default_sync {
        "Redis came back empty. appendfsync sets when the append-only file reaches the disk, but there is no such file: appendonly is off"
    } else if !append_only && !snapshots {
        "Redis came back empty. It had neither snapshots nor a file of changes, so everything was in its memory"
    } else {
        "Redis came back empty. At its start it didn't read what it had written to the disk"
    })
}

/// Waits until Redis has passed all changes to the operating system.
///
/// Unless `appendfsync` is `always`, Redis may keep some in a buffer while the disk is busy. The attendee may choose
/// another value, and must not fail because of that.
async fn wait_until_written(redis: &Redis) -> Result<()> {
    let written = async || {
        let buffered = redis.info("aof_buffer_length")?;
        Ok(buffered.is_none_or(|length| length == "0").then_some(()))
    };
    let limit = Duration::from_secs(10);
    wait_until("Redis to write its append-only file", limit, written).await
}

/// Returns the value of the setting `name` in the running Redis.
fn setting(redis: &Redis, name: &str) -> Result<String> {
    let reply = redis.cli(&["CONFIG", "GET", name])?;
    Ok(reply.lines().nth(1).unwrap_or_default().to_owned())
}
