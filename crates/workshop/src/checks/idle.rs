//! Exercise 15: a read renews the idle timeout in one command, and doesn't touch the absolute timeout.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{Redis, wait_until};

use super::redis_data::{IDLE_TIMEOUT, LATE, expect_whole, session_key, shorten_expiry, ttl};
use crate::checker::{Checker, Finding, Visitor};

/// The absolute timeout, as a setting and in seconds.
const ABSOLUTE_TIMEOUT: (&str, i64) = ("12h", 12 * 3600);

/// At least so many of the [`LATE`] seconds are left if nothing has changed the expiry.
const UNCHANGED: i64 = LATE - 60;

/// The number of reads whose commands are counted.
const READS: u64 = 3;

/// Commands of the connections and of the check itself.
const OTHERS: [&str; 6] = ["ping", "unwatch", "hello", "select", "info", "command"];

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let settings = [
        ("IDLE_TIMEOUT", IDLE_TIMEOUT.0),
        ("ABSOLUTE_TIMEOUT", ABSOLUTE_TIMEOUT.0),
    ];
    let (redis, apps) = checker.redis_and_two_apps(&settings).await?;
    let [here, there] = [apps[0].endpoint(), apps[1].endpoint()];

    let mut visitor = checker.visitor(&here);
    visitor.expect(&[0]).await?;
    let key = session_key(&redis, &visitor)?.context("the visitor's session has no key")?;
    shorten_expiry(checker, &redis, &key)?;
    read(visitor.at(&there)).await?;
    expect_renewed_by_read(checker, &redis, &key)?;

    redis.reset_command_stats()?;
    for _ in 0..READS {
        read(visitor.at(&here)).await?;
    }
    expect_one_command_each(checker, &redis)?;
    visitor.at(&there).expect(&[1]).await?;

    make_too_old(checker, &redis, &key)?;
    let seen = visitor.at(&here).get("/").await?;
    if seen.count() != Some(0) {
        let meaning = "the session is older than ABSOLUTE_TIMEOUT but has not ended. The absolute timeout holds however much a session is used";
        bail!(Finding::about(&seen, "Hello World #0", meaning).at(Some(apps[0].name())));
    }

    let key = session_key(&redis, &visitor)?.context("the visitor's session has no key")?;
    redis.cli(&["PEXPIRE", &key, "1"])?;
    let expired = async || Ok((redis.cli(&["EXISTS", &key])? == "0").then_some(()));
    wait_until("the session to expire", Duration::from_secs(3), expired).await?;
    checker.log("nobody comes until the session has expired");
    visitor.at(&there).expect(&[0, 1]).await
}

/// Makes a visit that changes nothing.
async fn read(visitor: &mut Visitor<'_>) -> Result<()> {
    let seen = visitor.get("/session/").await?;
    if seen.status >= 500 {
        let expected = "a response to a visitor who reads";
        let meaning = "the server failed. If it logged a reason, you see it above";
        bail!(Finding::about(&seen, expected, meaning));
    }
    Ok(())
}

/// Expects that a read has given `key` the whole idle timeout again.
fn expect_renewed_by_read(checker: &Checker, redis: &Redis, key: &str) -> Result<()> {
    let ttl = ttl(checker, redis, key)?;
    let meaning = match ttl {
        -1 => "TTL -1: the read removes the expiry, and the session stays for ever. Give it a time",
        UNCHANGED..=LATE if redis.command_stats()?.contains_key("getex") => {
            "GETEX without a time works like GET: the expiry is the same as before"
        }
        UNCHANGED..=LATE => {
            "the read doesn't renew the expiry, so a visitor who only reads loses the session while they are active"
        }
        ttl => return expect_whole(ttl),
    };
    let expected = format!("a TTL of {} s after a read", IDLE_TIMEOUT.1);
    bail!(Finding::new(expected, format!("{ttl} s"), meaning))
}

/// Expects that the reads since the last reset took one command each.
fn expect_one_command_each(checker: &Checker, redis: &Redis) -> Result<()> {
    let mut stats = redis.command_stats()?;
    stats.retain(|command, _| !command.contains('|') && !OTHERS.contains(&command.as_str()));
    let shown = stats
        .iter()
        .map(|(command, stats)| format!("{} {}", stats.calls, command.to_uppercase()));
    let observed = shown.collect::<Vec<_>>().join(", ");
    checker.log(&format!("redis-cli INFO commandstats: {observed}"));
    if stats.values().map(|stats| stats.calls).sum::<u64>() == READS {
        return Ok(());
    }
    let meaning = if stats.contains_key("set") {
        "a read that writes the session back undoes another request's change, and it waits for Redis twice"
    } else {
        "a read takes more than one command, so each request has a second wait for Redis. One command can do both"
    };
    let expected = format!("{READS} commands for {READS} reads");
    bail!(Finding::new(expected, observed, meaning))
}

/// Makes the session under `key` older than the absolute timeout allows.
fn make_too_old(checker: &Checker, redis: &Redis, key: &str) -> Result<()> {
    let json = redis.cli(&["GET", key])?;
    let mut session: HashMap<String, String> =
        serde_json::from_str(&json).context("the session is not JSON")?;
    let began = session
        .get_mut("began")
        .context("the session doesn't contain its start")?;
    *began = (began.parse::<i64>()? - ABSOLUTE_TIMEOUT.1).to_string();
    redis.cli(&["SET", key, &serde_json::to_string(&session)?, "KEEPTTL"])?;
    checker.log(&format!(
        "from now on the session is {} old",
        ABSOLUTE_TIMEOUT.0
    ));
    Ok(())
}
