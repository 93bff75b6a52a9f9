//! Exercise 15: reading renews the idle timeout, in one command, and not the absolute one.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use testkit::{Endpoint, Redis, Visitor, wait_until};

use super::in_redis::{LATE, TTL, calls, expect_ttl, key_of, ttl, wear};
use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

/// How old a session gets, as a setting and in seconds.
const MAX_AGE: (&str, i64) = ("12h", 12 * 3600);

/// Seconds that are left at least of [`LATE`], if nothing has changed them.
const UNCHANGED: i64 = LATE - 60;

/// Reads whose commands are counted.
const READS: u64 = 3;

/// Commands that belong to connections, and to us.
const OTHERS: [&str; 6] = ["ping", "unwatch", "hello", "select", "info", "command"];

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let settings = [
        ("REDIS_URL", redis.url()),
        ("IDLE_TIMEOUT", TTL.0.to_owned()),
        ("ABSOLUTE_TIMEOUT", MAX_AGE.0.to_owned()),
    ];
    let apps = bench
        .two_apps(
            &settings
                .each_ref()
                .map(|(name, value)| (*name, value.as_str())),
        )
        .await?;
    let [here, there] = [apps[0].endpoint(), apps[1].endpoint()];

    let mut visitor = Visitor::new();
    expect_counts(&[bench.visit(&mut visitor, &here, "/").await?], &[0])?;
    let key = key_of(&redis, &visitor)?.context("no key of the visitor's")?;
    wear(bench, &redis, &key)?;
    read(bench, &mut visitor, &there).await?;
    let left = ttl(bench, &redis, &key)?;
    expect_renewed(left, &calls(&redis)?)?;

    redis.reset_command_stats()?;
    for _ in 0..READS {
        read(bench, &mut visitor, &here).await?;
    }
    expect_one_each(bench, calls(&redis)?)?;
    expect_counts(&[bench.visit(&mut visitor, &there, "/").await?], &[1])?;

    too_old(bench, &redis, &key)?;
    let seen = bench.visit(&mut visitor, &here, "/").await?;
    if seen.count() != Some(0) {
        let meaning = "the session is older than ABSOLUTE_TIMEOUT and goes on: the absolute timeout holds however much it is used";
        bail!(
            Finding::new("Hello World #0", seen.body.trim_end(), meaning).at(Some(apps[0].name()))
        );
    }

    let key = key_of(&redis, &visitor)?.context("no key of the visitor's")?;
    redis.cli(&["PEXPIRE", &key, "1"])?;
    wait_until(
        "Redis to end the session",
        Duration::from_secs(3),
        async || Ok((redis.cli(&["EXISTS", &key])? == "0").then_some(())),
    )
    .await?;
    bench.did("nobody comes until the time is over");
    expect_counts(&bench.visits(&mut visitor, &there, 2).await?, &[0, 1])
}

/// A visit that changes nothing.
async fn read(bench: &Bench, visitor: &mut Visitor, endpoint: &Endpoint) -> Result<()> {
    let seen = bench.visit(visitor, endpoint, "/session/").await?;
    if seen.status >= 500 {
        let meaning = "the server failed; the reason, if it logged one, stands above";
        bail!(
            Finding::new(
                "an answer to a visitor who reads",
                seen.status.to_string(),
                meaning
            )
            .at(seen.instance.as_deref())
        );
    }
    Ok(())
}

/// Expects the whole time after a read, when `calls` were made.
fn expect_renewed(ttl: i64, calls: &BTreeMap<String, u64>) -> Result<()> {
    let meaning = match ttl {
        -1 => {
            "TTL -1: the read takes the expiry away, and the session stays for ever. Give it a time"
        }
        UNCHANGED..=LATE if calls.contains_key("getex") => {
            "GETEX without a time is a GET: the expiry is as it was before"
        }
        UNCHANGED..=LATE => {
            "the read doesn't set the time again: who only reads is thrown out while they are there"
        }
        ttl => return expect_ttl(ttl),
    };
    bail!(Finding::new(
        format!("a TTL of {} s after a read", TTL.1),
        format!("{ttl} s"),
        meaning
    ))
}

/// Expects one command for each of the reads that made `calls`.
fn expect_one_each(bench: &Bench, mut calls: BTreeMap<String, u64>) -> Result<()> {
    calls.retain(|command, _| !command.contains('|') && !OTHERS.contains(&command.as_str()));
    let told: Vec<_> = calls
        .iter()
        .map(|(command, calls)| format!("{calls} {}", command.to_uppercase()))
        .collect();
    let told = told.join(", ");
    bench.did(&format!("redis-cli INFO commandstats: {told}"));
    if calls.values().sum::<u64>() == READS {
        return Ok(());
    }
    let meaning = if calls.contains_key("set") {
        "a read that writes the session back undoes what another request has changed meanwhile; and it waits for Redis twice"
    } else {
        "more than one command for a read: each request has a second wait for Redis. There is a command that does both"
    };
    bail!(Finding::new(
        format!("{READS} commands for {READS} reads"),
        told,
        meaning
    ))
}

/// Makes the session that lies under `key` as old as none may be.
fn too_old(bench: &Bench, redis: &Redis, key: &str) -> Result<()> {
    let mut session: HashMap<String, String> =
        serde_json::from_str(&redis.cli(&["GET", key])?).context("the session is no JSON")?;
    let began: i64 = session
        .get("began")
        .context("the session doesn't say when it began")?
        .parse()?;
    session.insert("began".to_owned(), (began - MAX_AGE.1).to_string());
    redis.cli(&["SET", key, &serde_json::to_string(&session)?, "KEEPTTL"])?;
    bench.did(&format!("the session is {} old from now on", MAX_AGE.0));
    Ok(())
}
