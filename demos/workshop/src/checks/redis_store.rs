//! Exercise 8: a store in Redis, shared by two servers, whose keys expire.

use anyhow::{Context, Result, bail};
use stage::{Redis, Visitor};

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

/// As a setting, and in seconds. As milliseconds it would be 7 s, long enough to be seen.
const TTL: (&str, i64) = ("2h", 7200);

/// Seconds that a visit and a look at Redis may take at most.
const SLACK: i64 = 60;

/// Seconds that are left of a session whose visitor comes late.
const LATE: i64 = 100;

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let apps = bench.two_apps(&[("REDIS_URL", &redis.url()), ("SESSION_TTL", TTL.0)]).await?;
    let balancer = bench.balanced(&apps).await?;
    let front = balancer.front();

    let mut visitor = Visitor::new();
    let seen = bench.visits(&mut visitor, &front, 6).await?;
    if seen.iter().all(|seen| seen.count() == Some(0)) {
        bail!(nothing_found(&redis)?);
    }
    expect_counts(&seen, &[0, 1, 2, 3, 4, 5])?;
    let key = key_of(&redis, &visitor)?;
    expect_ttl(ttl(bench, &redis, &key)?)?;

    redis.cli(&["EXPIRE", &key, &LATE.to_string()])?;
    bench.did(&format!("redis-cli EXPIRE {} {LATE}: nobody comes for a while", shown(&key)));
    expect_counts(&[bench.visit(&mut visitor, &front, "/").await?], &[6])?;
    let ttl = ttl(bench, &redis, &key)?;
    if (0..=LATE).contains(&ttl) {
        let meaning = "a visit doesn't set the time again: the session ends while its visitor is there. Is the expiry part of each SET?";
        bail!(Finding::new(format!("a TTL of {} s after a visit", TTL.1), format!("{ttl} s, as before the visit"), meaning));
    }
    expect_ttl(ttl)?;

    bench.did("another visitor comes");
    let mut other = Visitor::new();
    expect_counts(&[bench.visit(&mut other, &front, "/").await?], &[0])?;
    key_of(&redis, &other)?;
    expect_counts(&[bench.visit(&mut visitor, &front, "/").await?], &[7])
}

/// Every visit was the first.
fn nothing_found(redis: &Redis) -> Result<Finding> {
    let keys = redis.cli(&["--scan"])?.lines().count();
    let meaning = if keys == 0 {
        "each visit gets a new session, and none of them is in Redis: does set send its command?"
    } else {
        "the sessions are in Redis, and none is found again: does get ask for the key that set writes?"
    };
    Ok(Finding::new("counts 0 1 2 3 4 5", format!("#0 at every visit; keys in Redis: {keys}"), meaning))
}

/// The key of the visitor's session.
fn key_of(redis: &Redis, visitor: &Visitor) -> Result<String> {
    let id = visitor.session_id().context("the visitor has no session cookie")?;
    let listed = redis.cli(&["--scan"])?;
    let keys: Vec<_> = listed.lines().collect();
    if let Some(key) = keys.iter().find(|key| key.contains(id)) {
        return Ok((*key).to_owned());
    }
    let expected = format!("a key in Redis with the visitor's id, {}…", &id[..8]);
    bail!(match keys.as_slice() {
        [] => Finding::new(expected, "no key at all", "nothing was kept in Redis, or it has expired already"),
        [key] => Finding::new(
            expected,
            format!("the only key is {key:?}"),
            "one key for everybody: the next visitor gets this one's session. Use key(id)"
        ),
        keys => Finding::new(expected, format!("the keys are {}", keys.join(", ")), "no key tells whose session it has: use key(id)"),
    })
}

fn ttl(bench: &Bench, redis: &Redis, key: &str) -> Result<i64> {
    let ttl = redis.cli(&["TTL", key])?;
    bench.did(&format!("redis-cli TTL {}: {ttl}", shown(key)));
    ttl.parse().with_context(|| format!("TTL answered {ttl}"))
}

fn expect_ttl(ttl: i64) -> Result<()> {
    let meaning = match ttl {
        ttl if (TTL.1 - SLACK..=TTL.1).contains(&ttl) => return Ok(()),
        -1 => "TTL -1: Redis keeps this session for ever; where is its expiry?",
        -2 => "TTL -2: the session is gone already: it was given far too little time",
        ttl if ttl <= TTL.1 / 1000 + 1 => "a thousandth: seconds were told where milliseconds are meant; PX takes milliseconds, EX seconds",
        ttl if ttl >= (TTL.1 - SLACK) * 1000 => {
            "a thousand times: milliseconds were told where seconds are meant; EX takes seconds, PX milliseconds"
        }
        _ => "the expiry is not what SESSION_TTL says, which is in self.ttl",
    };
    let expected = format!("a TTL of {} s (SESSION_TTL={})", TTL.1, TTL.0);
    bail!(Finding::new(expected, format!("a TTL of {ttl}"), meaning))
}

/// `key`, short enough for a line.
fn shown(key: &str) -> String {
    let start: String = key.chars().take(16).collect();
    if start.len() < key.len() { format!("{start}…") } else { start }
}
