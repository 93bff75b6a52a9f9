//! Exercise 11: Redis ends, in an orderly way and in another, and loses nothing.

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::{Demo, Instance, Redis, Visitor, wait_until};

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts, seen_by},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let mut redis = bench.configured_redis().await?;
    let mut app = Instance::new(
        bench.env(),
        Demo::Redis,
        "app-1",
        &[("REDIS_URL", &redis.url())],
    )?;
    app.start().await?;
    let endpoint = app.endpoint();
    let mut visitor = Visitor::new();
    expect_counts(&bench.visits(&mut visitor, &endpoint, 3).await?, &[0, 1, 2])?;

    redis.restart().await?;
    bench.did("Redis ends in an orderly way (SIGTERM), and is started again");
    let seen = bench.visits(&mut visitor, &endpoint, 2).await?;
    if let Err(error) = expect_counts(&seen, &[3, 4]) {
        return if seen[0].count() == Some(0) {
            bail!(Finding::new(
                "counts 3 4",
                seen_by(&seen),
                emptiness(&redis)?
            ))
        } else {
            Err(error)
        };
    }

    written(&redis).await?;
    redis.kill().await?;
    redis.resume().await?;
    bench.did("Redis is killed (SIGKILL), and started again");
    let seen = bench.visits(&mut visitor, &endpoint, 1).await?;
    if let Err(error) = expect_counts(&seen, &[5]) {
        return if setting(&redis, "appendonly")? == "no" {
            let meaning = "Redis came back with its last snapshot, from its orderly end. A kill leaves no time to take another, so \
                           what came after it is lost";
            bail!(Finding::new("counts 5", seen_by(&seen), meaning))
        } else {
            Err(error)
        };
    }
    Ok(())
}

/// Why Redis came back empty from an orderly end.
fn emptiness(redis: &Redis) -> Result<String> {
    let (append, sync, snapshots) = (
        setting(redis, "appendonly")?,
        setting(redis, "appendfsync")?,
        setting(redis, "save")?,
    );
    let reason = if append == "no" && sync != "everysec" {
        "appendfsync says when the append-only file reaches the disk, and there is no such file: appendonly is off"
    } else if append == "no" && snapshots.is_empty() {
        "neither snapshots nor a file of changes: all that it had was in its memory"
    } else {
        "what it wrote to disk was not what it read at its start"
    };
    Ok(format!("Redis came back empty: {reason}"))
}

/// Waits until Redis has handed all changes to the system. While the disk is busy it may owe some, unless it waits for
/// the disk each time; whoever chose not to is not to fail by that.
async fn written(redis: &Redis) -> Result<()> {
    wait_until(
        "Redis to write its append-only file",
        Duration::from_secs(10),
        async || {
            let told = redis.cli(&["INFO", "persistence"])?;
            let owed = told
                .lines()
                .filter_map(|line| line.strip_prefix("aof_buffer_length:"))
                .any(|length| length.trim() != "0");
            Ok((!owed).then_some(()))
        },
    )
    .await
}

/// How Redis understands the setting `name`.
fn setting(redis: &Redis, name: &str) -> Result<String> {
    Ok(redis
        .cli(&["CONFIG", "GET", name])?
        .lines()
        .nth(1)
        .unwrap_or_default()
        .to_owned())
}
