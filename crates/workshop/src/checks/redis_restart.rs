//! Exercise 9: Redis shuts down, is killed, and loses nothing.
//!
//! A right configuration has these properties:
//!
//! - The servers can use this Redis: it asks for no password, and is not a replica.
//! - After an orderly shutdown, and after each kill, every visitor goes on counting. A click that was in flight during
//!   a kill may be counted or not.
//! - A full Redis deletes no session, and the limit of its memory stays.
//! - Sessions can be ended.
//!
//! A killed process loses nothing that it has passed to the operating system, so every value of `appendfsync` is
//! right here. The check uses two Redis servers, with two ports and two folders.

mod explain;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::future::join_all;
use testkit::{Demo, Endpoint, Instance, Redis, wait_until};

use self::explain::{refusal, why_empty, why_lost, why_refused};
use crate::checker::{Checker, Finding, Visitor, miscount, summary};

/// The number of visitors at each Redis.
const VISITORS: usize = 3;

/// Less memory than the configuration allows, so that Redis is full after a few values.
const LITTLE_MEMORY: [&str; 2] = ["--maxmemory", "4mb"];

/// A visitor, and the count that their next visit shows.
struct Guest<'a> {
    visitor: Visitor<'a>,
    next: u64,
}

impl<'a> Guest<'a> {
    /// Lets visitors come twice each.
    async fn arrive(checker: &'a Checker, redis: &Redis, endpoint: &Endpoint) -> Result<Vec<Self>> {
        let mut guests = Vec::new();
        for _ in 0..VISITORS {
            let mut visitor = checker.visitor(endpoint);
            let seen = visitor.visits(2).await?;
            if seen[0].status >= 500 {
                let meaning = why_refused(redis)?;
                bail!(Finding::about(&seen[0], "Hello World #0", meaning));
            }
            if let Some(finding) = miscount(&seen, &[0, 1]) {
                bail!(finding);
            }
            guests.push(Self { visitor, next: 2 });
        }
        Ok(guests)
    }

    async fn visit(&mut self) -> Result<()> {
        self.visitor.expect(&[self.next]).await?;
        self.next += 1;
        Ok(())
    }
}

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let mut redis = checker.redis_from_work(&[]).await?;
    let app = app(checker, "app-1", &redis).await?;
    let mut guests = Guest::arrive(checker, &redis, &app.endpoint()).await?;
    expect_restart(checker, &mut redis, &mut guests).await?;
    expect_kill(checker, &mut redis, &mut guests, &app.endpoint()).await?;
    expect_limit(&redis)?;
    expect_logout(&mut guests).await?;

    let mut redis = checker.redis_from_work(&LITTLE_MEMORY).await?;
    checker.log("another Redis, with less memory");
    let app = self::app(checker, "app-2", &redis).await?;
    let mut guests = Guest::arrive(checker, &redis, &app.endpoint()).await?;
    expect_kill(checker, &mut redis, &mut guests, &app.endpoint()).await?;
    expect_no_eviction(checker, &redis)
}

/// Starts demo-redis with `redis`.
async fn app(checker: &Checker, name: &str, redis: &Redis) -> Result<Instance> {
    let url = redis.url();
    let settings = [("REDIS_URL", url.as_str())];
    let started = Instance::started(&checker.env, Demo::Redis, name, &settings).await;
    if started.is_err()
        && let Some(meaning) = refusal(redis)?
    {
        let expected = "a server that uses this Redis";
        let observed = "the server ends at its start";
        bail!(Finding::new(expected, observed, meaning));
    }
    started
}

/// Expects that an orderly shutdown loses nothing.
async fn expect_restart(
    checker: &Checker,
    redis: &mut Redis,
    guests: &mut [Guest<'_>],
) -> Result<()> {
    redis.restart().await?;
    checker.log("Redis shuts down in an orderly way (SIGTERM) and is started again");
    for guest in guests {
        let seen = guest.visitor.visits(1).await?;
        if let Some(finding) = miscount(&seen, &[guest.next]) {
            if seen[0].count() != Some(0) {
                bail!(finding);
            }
            let expected = format!("counts {}", guest.next);
            bail!(Finding::new(expected, summary(&seen), why_empty(redis)?));
        }
        guest.next += 1;
    }
    Ok(())
}

/// Kills Redis while all visitors click. Expects that each click before is counted.
async fn expect_kill(
    checker: &Checker,
    redis: &mut Redis,
    guests: &mut [Guest<'_>],
    endpoint: &Endpoint,
) -> Result<()> {
    let appends = redis.info("aof_enabled")?.as_deref() == Some("1");
    for guest in &mut *guests {
        guest.visit().await?;
    }
    let has_snapshot = !appends && wait_for_snapshot(redis).await?;
    if has_snapshot {
        checker.log("Redis writes a snapshot");
        for guest in &mut *guests {
            guest.visit().await?;
        }
    }
    wait_until_written(redis).await?;
    let clicks = guests.iter_mut();
    let clicks = clicks.map(|guest| guest.visitor.client.get(endpoint, "/"));
    let kill = async {
        redis.kill().await?;
        redis.resume().await
    };
    // A click in flight may fail.
    let (killed, _) = tokio::join!(kill, join_all(clicks));
    killed?;
    checker.log("Redis is killed (SIGKILL) while all click, and started again");
    for guest in guests {
        let seen = guest.visitor.visits(1).await?;
        match seen[0].count() {
            Some(count) if (guest.next..=guest.next + 1).contains(&count) => {
                guest.next = count + 1;
            }
            _ => {
                let expected = format!("counts {0} or {1}", guest.next, guest.next + 1);
                let meaning = why_lost(appends, has_snapshot);
                bail!(Finding::new(expected, summary(&seen), meaning));
            }
        }
    }
    Ok(())
}

/// Waits for the snapshot that a configuration with one each second would write, within three seconds in fact. Returns
/// whether there was one.
async fn wait_for_snapshot(redis: &Redis) -> Result<bool> {
    let written = async || {
        let changes = redis.info("rdb_changes_since_last_save")?;
        Ok((changes.as_deref() == Some("0")).then_some(()))
    };
    let limit = Duration::from_secs(4);
    Ok(wait_until("a snapshot", limit, written).await.is_ok())
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

/// Expects that the memory of Redis is limited.
fn expect_limit(redis: &Redis) -> Result<()> {
    if redis.info("maxmemory")?.as_deref() != Some("0") {
        return Ok(());
    }
    let meaning = "a line takes the limit of the memory away. Redis then grows until the system kills it, and every session is gone for a while";
    let observed = "maxmemory 0, which means no limit";
    bail!(Finding::new("a limit for the memory", observed, meaning))
}

/// Expects that a visitor can log out.
async fn expect_logout(guests: &mut [Guest<'_>]) -> Result<()> {
    let guest = guests.first_mut().context("no visitor")?;
    let seen = guest.visitor.post("/logout", "").await?;
    if seen.status < 400 {
        return Ok(());
    }
    let meaning = "visitors can click, but they can no longer log out. Which line limits what the servers may do?";
    bail!(Finding::about(&seen, "a logout", meaning))
}

/// Expects that Redis deletes nothing when it is full.
fn expect_no_eviction(checker: &Checker, redis: &Redis) -> Result<()> {
    checker.log("Redis gets more data than its memory can hold");
    for number in 0..6 {
        redis.cli(&["SETRANGE", &format!("filler:{number}"), "1048575", "x"])?;
    }
    let evicted = redis.info("evicted_keys")?.context("no evicted_keys")?;
    if evicted == "0" {
        return Ok(());
    }
    let expected = "no deleted key";
    let observed = format!("{evicted} deleted keys");
    let meaning = "when its memory was full, Redis deleted keys to make room. A session can be among them, and then it is lost without any restart. With the policy noeviction Redis refuses writes instead";
    bail!(Finding::new(expected, observed, meaning))
}
