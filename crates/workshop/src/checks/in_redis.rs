//! What Redis tells: how long a session stays, and what it was asked.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use testkit::{Redis, Visitor};

use crate::{bench::Bench, finding::Finding};

/// As a setting, and in seconds. As milliseconds it would be 7 s, long enough to be seen.
pub(super) const TTL: (&str, i64) = ("2h", 7200);

/// Seconds that a visit and a look at Redis may take at most.
const SLACK: i64 = 60;

/// Seconds that are left of a session whose visitor comes late.
pub(super) const LATE: i64 = 100;

/// The key that has the id of the visitor's session in its name.
pub(super) fn key_of(redis: &Redis, visitor: &Visitor) -> Result<Option<String>> {
    let id = visitor
        .session_id()
        .context("the visitor has no session cookie")?;
    Ok(redis
        .cli(&["--scan"])?
        .lines()
        .find(|key| key.contains(id))
        .map(str::to_owned))
}

/// Leaves [`LATE`] seconds of what lies under `key`.
pub(super) fn wear(bench: &Bench, redis: &Redis, key: &str) -> Result<()> {
    redis.cli(&["EXPIRE", key, &LATE.to_string()])?;
    bench.did(&format!(
        "redis-cli EXPIRE {} {LATE}: nobody comes for a while",
        shown(key)
    ));
    Ok(())
}

/// Seconds that are left of what lies under `key`.
pub(super) fn ttl(bench: &Bench, redis: &Redis, key: &str) -> Result<i64> {
    let ttl = redis.cli(&["TTL", key])?;
    bench.did(&format!("redis-cli TTL {}: {ttl}", shown(key)));
    ttl.parse().with_context(|| format!("TTL answered {ttl}"))
}

/// Expects that all of [`TTL`] is left.
pub(super) fn expect_ttl(ttl: i64) -> Result<()> {
    let meaning = match ttl {
        ttl if (TTL.1 - SLACK..=TTL.1).contains(&ttl) => return Ok(()),
        -1 => "TTL -1: Redis keeps this session for ever; where is its expiry?",
        -2 => "TTL -2: the session is gone already: it was given far too little time",
        ttl if ttl <= TTL.1 / 1000 + 1 => {
            "a thousandth: seconds were told where milliseconds are meant; PX takes milliseconds, EX seconds"
        }
        ttl if ttl >= (TTL.1 - SLACK) * 1000 => {
            "a thousand times: milliseconds were told where seconds are meant; EX takes seconds, PX milliseconds"
        }
        _ => "the expiry is not what IDLE_TIMEOUT says, which is in self.ttl",
    };
    let expected = format!("a TTL of {} s (IDLE_TIMEOUT={})", TTL.1, TTL.0);
    bail!(Finding::new(expected, format!("a TTL of {ttl}"), meaning))
}

/// How often each command was called since Redis began, or since `CONFIG RESETSTAT`.
pub(super) fn calls(redis: &Redis) -> Result<BTreeMap<String, u64>> {
    let stats = redis.command_stats()?.into_iter();
    Ok(stats
        .map(|(command, stats)| (command, stats.calls))
        .collect())
}

/// `key`, short enough for a line.
fn shown(key: &str) -> String {
    let start: String = key.chars().take(16).collect();
    if start.len() < key.len() {
        format!("{start}…")
    } else {
        start
    }
}
