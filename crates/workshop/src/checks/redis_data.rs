//! Looks into the Redis of a check: at the key of a session, and at its expiry.

use anyhow::{Context, Result, bail};
use testkit::Redis;

use crate::checker::{Checker, Finding, Visitor};

/// The idle timeout, as a setting and in seconds. 7,200 ms would be 7 s, long enough to be seen.
pub(super) const IDLE_TIMEOUT: (&str, i64) = ("2h", 7200);

/// Another idle timeout, which shows whether the expiry follows the setting. It is not a number of whole minutes.
pub(super) const OTHER_IDLE_TIMEOUT: (&str, i64) = ("90s", 90);

/// The longest time in seconds that a visit and a look into Redis may take.
const SLACK: i64 = 20;

/// The seconds that are left of a session when its visitor comes back late.
pub(super) const LATE: i64 = 100;

/// Returns the key whose name contains the visitor's session ID.
pub(super) fn session_key(redis: &Redis, visitor: &Visitor<'_>) -> Result<Option<String>> {
    let id = visitor
        .client
        .session_id()
        .context("the visitor has no session cookie")?;
    let keys = redis.cli(&["--scan"])?;
    Ok(keys.lines().find(|key| key.contains(id)).map(str::to_owned))
}

/// Lets `key` expire in [`LATE`] seconds.
pub(super) fn shorten_expiry(checker: &Checker, redis: &Redis, key: &str) -> Result<()> {
    redis.cli(&["EXPIRE", key, &LATE.to_string()])?;
    let key = shortened(key);
    checker.log(&format!(
        "redis-cli EXPIRE {key} {LATE}: as if nobody came for a while"
    ));
    Ok(())
}

/// Returns the seconds until `key` expires.
pub(super) fn ttl(checker: &Checker, redis: &Redis, key: &str) -> Result<i64> {
    let ttl = redis.cli(&["TTL", key])?;
    checker.log(&format!("redis-cli TTL {}: {ttl}", shortened(key)));
    ttl.parse().with_context(|| format!("TTL replied {ttl}"))
}

/// Returns whether `ttl` is the whole [`IDLE_TIMEOUT`], apart from a visit and a look into Redis.
pub(super) fn is_whole(ttl: i64) -> bool {
    let (_, whole) = IDLE_TIMEOUT;
    (whole - SLACK..=whole).contains(&ttl)
}

/// Expects that `ttl`, of a session at an instance with [`OTHER_IDLE_TIMEOUT`], follows that setting.
pub(super) fn expect_other(ttl: i64) -> Result<()> {
    let (setting, whole) = OTHER_IDLE_TIMEOUT;
    if (whole - SLACK..=whole).contains(&ttl) {
        return Ok(());
    }
    let expected = format!("a TTL of {whole} s (IDLE_TIMEOUT={setting})");
    let meaning = if (60 - SLACK..=60).contains(&ttl) {
        "the expiry is a number of whole minutes, but IDLE_TIMEOUT is not. Count its seconds"
    } else {
        "the expiry doesn't follow IDLE_TIMEOUT. Is it a constant in the source? The setting is in the field idle_timeout of the store"
    };
    bail!(Finding::new(expected, format!("a TTL of {ttl}"), meaning))
}

/// Expects that `ttl` is the whole [`IDLE_TIMEOUT`].
pub(super) fn expect_whole(ttl: i64) -> Result<()> {
    let (setting, whole) = IDLE_TIMEOUT;
    let meaning = match ttl {
        ttl if is_whole(ttl) => return Ok(()),
        -1 => "TTL -1: Redis keeps this session for ever. Where is its expiry?",
        -2 => "TTL -2: the session is gone already, because its expiry was far too short",
        ttl if ttl <= whole / 1000 + 1 => {
            "1,000 times too short: seconds were given where Redis expects milliseconds. PX takes milliseconds, EX takes seconds"
        }
        ttl if ttl >= (whole - SLACK) * 1000 => {
            "1,000 times too long: milliseconds were given where Redis expects seconds. EX takes seconds, PX takes milliseconds"
        }
        _ => {
            "the expiry differs from IDLE_TIMEOUT, which is in the field idle_timeout of the store"
        }
    };
    let expected = format!("a TTL of {whole} s (IDLE_TIMEOUT={setting})");
    bail!(Finding::new(expected, format!("a TTL of {ttl}"), meaning))
}

/// Expects that `key` has the whole [`IDLE_TIMEOUT`] again, after a write to a session that was about to expire.
pub(super) fn expect_renewed(checker: &Checker, redis: &Redis, key: &str) -> Result<()> {
    let ttl = ttl(checker, redis, key)?;
    if (0..=LATE).contains(&ttl) {
        let expected = format!("a TTL of {} s after a write", IDLE_TIMEOUT.1);
        let meaning = "a write doesn't start the timeout again, so the session ends while its visitor is active. Is the expiry part of each SET?";
        let observed = format!("{ttl} s, as before");
        bail!(Finding::new(expected, observed, meaning));
    }
    expect_whole(ttl)
}

/// Cuts `key`, so that it fits into a line.
fn shortened(key: &str) -> String {
    match key.char_indices().nth(16) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}
