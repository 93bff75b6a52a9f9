//! Exercise 8: a store in Redis, which two instances share, and whose keys expire.

use anyhow::{Result, bail};
use testkit::Redis;

use super::redis_data::{
    IDLE_TIMEOUT, expect_renewed, expect_whole, session_key, shorten_expiry, ttl,
};
use crate::checker::{Checker, Finding, Visitor, expect_counts};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let settings = [("IDLE_TIMEOUT", IDLE_TIMEOUT.0)];
    let (redis, apps) = checker.redis_and_two_apps(&settings).await?;
    let balancer = checker.balancer(&apps).await?;
    let endpoint = balancer.endpoint();

    let mut visitor = checker.visitor(&endpoint);
    let seen = visitor.visits(6).await?;
    if seen.iter().all(|seen| seen.count() == Some(0)) {
        bail!(nothing_found(&redis)?);
    }
    expect_counts(&seen, &[0, 1, 2, 3, 4, 5])?;
    let key = own_key(&redis, &visitor)?;
    expect_whole(ttl(checker, &redis, &key)?)?;

    shorten_expiry(checker, &redis, &key)?;
    visitor.expect(&[6]).await?;
    expect_renewed(checker, &redis, &key)?;

    checker.log("another visitor comes");
    let mut other = checker.visitor(&endpoint);
    other.expect(&[0]).await?;
    own_key(&redis, &other)?;
    visitor.expect(&[7]).await
}

/// Explains why every visit was the first.
fn nothing_found(redis: &Redis) -> Result<Finding> {
    let keys = redis.cli(&["--scan"])?.lines().count();
    let observed = format!("#0 at every visit; keys in Redis: {keys}");
    let meaning = if keys == 0 {
        "each visit gets a new session, and none of them is in Redis. Does set send its command?"
    } else {
        "the sessions are in Redis, but none is found again. Does get ask for the key that set writes?"
    };
    Ok(Finding::new("counts 0 1 2 3 4 5", observed, meaning))
}

/// Returns the key of the visitor's session, and expects that no other visitor has the same.
fn own_key(redis: &Redis, visitor: &Visitor<'_>) -> Result<String> {
    if let Some(key) = session_key(redis, visitor)? {
        return Ok(key);
    }
    let keys = redis.cli(&["--scan"])?;
    let keys: Vec<_> = keys.lines().collect();
    let (observed, meaning) = match keys.as_slice() {
        [] => (
            "no key at all".to_owned(),
            "nothing was written to Redis, or it has expired already",
        ),
        [key] => (
            format!("the only key is {key:?}"),
            "all visitors share one key, so the next visitor gets this one's session. Use key(id)",
        ),
        keys => (
            format!("the keys are {}", keys.join(", ")),
            "no key shows whose session it holds. Use key(id)",
        ),
    };
    let id = visitor.client.session_id().unwrap_or_default();
    let expected = format!("a key in Redis with the visitor's session ID, {id:.8}…");
    bail!(Finding::new(expected, observed, meaning))
}
