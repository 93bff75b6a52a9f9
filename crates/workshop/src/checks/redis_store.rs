//! Exercise 8: a store in Redis, shared by two servers, whose keys expire.

use anyhow::{Result, bail};
use testkit::{Redis, Visitor};

use super::in_redis::{LATE, TTL, expect_ttl, key_of, ttl, wear};
use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let apps = bench
        .two_apps(&[("REDIS_URL", &redis.url()), ("IDLE_TIMEOUT", TTL.0)])
        .await?;
    let balancer = bench.balanced(&apps).await?;
    let endpoint = balancer.endpoint();

    let mut visitor = Visitor::new();
    let seen = bench.visits(&mut visitor, &endpoint, 6).await?;
    if seen.iter().all(|seen| seen.count() == Some(0)) {
        bail!(nothing_found(&redis)?);
    }
    expect_counts(&seen, &[0, 1, 2, 3, 4, 5])?;
    let key = own_key(&redis, &visitor)?;
    expect_ttl(ttl(bench, &redis, &key)?)?;

    wear(bench, &redis, &key)?;
    expect_counts(&[bench.visit(&mut visitor, &endpoint, "/").await?], &[6])?;
    let ttl = ttl(bench, &redis, &key)?;
    if (0..=LATE).contains(&ttl) {
        let meaning = "a visit doesn't set the time again: the session ends while its visitor is there. Is the expiry part of each SET?";
        bail!(Finding::new(
            format!("a TTL of {} s after a visit", TTL.1),
            format!("{ttl} s, as before the visit"),
            meaning
        ));
    }
    expect_ttl(ttl)?;

    bench.did("another visitor comes");
    let mut other = Visitor::new();
    expect_counts(&[bench.visit(&mut other, &endpoint, "/").await?], &[0])?;
    own_key(&redis, &other)?;
    expect_counts(&[bench.visit(&mut visitor, &endpoint, "/").await?], &[7])
}

/// Every visit was the first.
fn nothing_found(redis: &Redis) -> Result<Finding> {
    let keys = redis.cli(&["--scan"])?.lines().count();
    let meaning = if keys == 0 {
        "each visit gets a new session, and none of them is in Redis: does set send its command?"
    } else {
        "the sessions are in Redis, and none is found again: does get ask for the key that set writes?"
    };
    Ok(Finding::new(
        "counts 0 1 2 3 4 5",
        format!("#0 at every visit; keys in Redis: {keys}"),
        meaning,
    ))
}

/// The key of the visitor's session.
fn own_key(redis: &Redis, visitor: &Visitor) -> Result<String> {
    if let Some(key) = key_of(redis, visitor)? {
        return Ok(key);
    }
    let listed = redis.cli(&["--scan"])?;
    let keys: Vec<_> = listed.lines().collect();
    let id: String = visitor
        .session_id()
        .unwrap_or_default()
        .chars()
        .take(8)
        .collect();
    let expected = format!("a key in Redis with the visitor's id, {id}…");
    bail!(match keys.as_slice() {
        [] => Finding::new(
            expected,
            "no key at all",
            "nothing was kept in Redis, or it has expired already"
        ),
        [key] => Finding::new(
            expected,
            format!("the only key is {key:?}"),
            "one key for everybody: the next visitor gets this one's session. Use key(id)"
        ),
        keys => Finding::new(
            expected,
            format!("the keys are {}", keys.join(", ")),
            "no key tells whose session it has: use key(id)"
        ),
    })
}
