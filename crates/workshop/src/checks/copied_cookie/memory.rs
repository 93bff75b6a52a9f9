//! The keys by which Redis remembers a logout, and how long it does.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use testkit::Redis;

use crate::{
    checker::{Checker, Finding, Visitor},
    checks::redis_commands::Commands,
};

/// The absolute timeout, as a setting and in seconds.
pub(super) const TIMEOUT: (&str, i64) = ("2h", 7200);

/// Another absolute timeout, which shows whether the expiry follows the setting.
const OTHER_TIMEOUT: (&str, i64) = ("45m", 2700);

/// The longest time in seconds between a login and a look into Redis.
const SLACK: i64 = 60;

/// More bytes than Redis needs to remember a logout, and fewer than the session has.
const LOGOUT_BYTES: i64 = 500;

/// Returns a note that makes a session larger than [`LOGOUT_BYTES`].
pub(super) fn long_note() -> String {
    "milk ".repeat(200)
}

/// All keys in Redis, with the seconds until each expires.
pub(super) type Entries = BTreeMap<String, i64>;

/// Returns and records all keys in Redis. Only logouts write keys there.
pub(super) fn entries(checker: &Checker, redis: &Redis) -> Result<Entries> {
    let keys = redis.cli(&["--scan"])?;
    let mut entries = Entries::new();
    for key in keys.lines().filter(|key| !key.is_empty()) {
        let ttl = redis.cli(&["TTL", key])?;
        let ttl = ttl.parse().with_context(|| format!("TTL replied {ttl}"))?;
        entries.insert(key.to_owned(), ttl);
    }
    let ttls = list(&entries);
    checker.log(&format!("TTL of the keys in Redis: {ttls}"));
    Ok(entries)
}

fn list(entries: &Entries) -> String {
    let ttls: Vec<_> = entries.values().map(i64::to_string).collect();
    if ttls.is_empty() {
        return "none".to_owned();
    }
    ttls.join(", ")
}

fn is_whole(ttl: i64, timeout: i64) -> bool {
    (timeout - SLACK..=timeout).contains(&ttl)
}

/// Expects that Redis remembers the first logout as long as a copy of the cookie lasts. That is nearly [`TIMEOUT`],
/// because the session has just begun.
pub(super) fn expect_timeout(entries: &Entries) -> Result<()> {
    let (setting, timeout) = TIMEOUT;
    let ttls = || entries.values().copied();
    if ttls().all(|ttl| is_whole(ttl, timeout)) {
        return Ok(());
    }
    let wrong = ttls().find(|ttl| !is_whole(*ttl, timeout)).unwrap_or(-2);
    let meaning = match wrong {
        -1 => {
            "TTL -1: Redis remembers each logout for ever, although the cookie ends by itself. Redis fills up"
        }
        ttl if ttl <= timeout / 1000 + 1 => {
            "1,000 times too short: seconds were given where Redis expects milliseconds. PX takes milliseconds, EX takes seconds"
        }
        ttl if ttl < timeout => {
            "Redis forgets the logout before the cookie ends. From then on the copy of the cookie works again"
        }
        ttl if ttl > 1_000_000_000 => {
            "session.ends is a time since 1970, but EX counts from now. So Redis remembers the logout for decades"
        }
        _ => "Redis remembers the logout for longer than the cookie lasts, which is no use",
    };
    let expected =
        format!("a TTL of {timeout} s, as long as the cookie lasts (ABSOLUTE_TIMEOUT={setting})");
    bail!(Finding::new(expected, format!("a TTL of {wrong}"), meaning))
}

/// Expects that no key has more than the logout needs.
pub(super) fn expect_little(redis: &Redis, entries: &Entries) -> Result<()> {
    for key in entries.keys() {
        let bytes: i64 = redis.cli(&["MEMORY", "USAGE", key])?.parse()?;
        if bytes > LOGOUT_BYTES {
            let expected = format!("less than {LOGOUT_BYTES} bytes in Redis for a logout");
            let meaning = "Redis got the contents of the session, too. They stay in the cookie; for the logout Redis needs the ID only";
            bail!(Finding::new(expected, format!("{bytes} bytes"), meaning));
        }
    }
    Ok(())
}

/// Expects that the expiry follows `ABSOLUTE_TIMEOUT`, and that a logout doesn't change how long an earlier one is
/// remembered.
pub(super) async fn expect_setting(checker: &Checker, redis: &Redis) -> Result<()> {
    let (setting, timeout) = OTHER_TIMEOUT;
    let url = redis.url();
    let settings = [("REDIS_URL", url.as_str()), ("ABSOLUTE_TIMEOUT", setting)];
    let app = checker.app("app-3", &settings).await?;
    checker.log(&format!(
        "Carol at an instance with ABSOLUTE_TIMEOUT={setting}"
    ));
    let mut carol = checker.visitor(&app.endpoint());
    super::log_in(&mut carol, "carol").await?;
    redis.reset_command_stats()?;
    carol.post("/logout", "").await?;
    let commands = Commands::recorded(checker, redis)?;
    let entries = entries(checker, redis)?;
    let remembered = |timeout| entries.values().any(|ttl| is_whole(*ttl, timeout));
    let (expected, meaning) = if !remembered(TIMEOUT.1) {
        (
            TIMEOUT.1,
            "Carol's logout has shortened how long Redis remembers Alice's. An expiry belongs to a key, so each logout needs a key of its own",
        )
    } else if !remembered(timeout) {
        (
            timeout,
            "Carol's cookie lasts for 45 minutes, but no key in Redis does. Is the expiry a constant in the source? The cookie's own end is in session.ends",
        )
    } else {
        return expect_one_step(&commands);
    };
    let expected = format!("a key with a TTL of {expected}");
    bail!(Finding::new(expected, list(&entries), meaning))
}

/// Expects that the `commands` of a logout write the key with its expiry.
fn expect_one_step(commands: &Commands) -> Result<()> {
    let expiries = ["expire", "pexpire", "expireat", "pexpireat"];
    if commands.calls(&expiries) == 0 || commands.combined() > 0 {
        return Ok(());
    }
    let meaning = "the key and its expiry are two steps. If the instance is killed between them, Redis remembers this logout for ever. SET has options for the expiry";
    let expected = "one command that writes the key and its expiry";
    bail!(Finding::new(expected, commands.to_string(), meaning))
}

/// Expects that a request doesn't search all keys.
pub(super) async fn expect_no_search(
    checker: &Checker,
    redis: &Redis,
    alice: &mut Visitor<'_>,
) -> Result<()> {
    redis.reset_command_stats()?;
    alice.get("/").await?;
    let commands = Commands::recorded(checker, redis)?;
    if commands.calls(&["keys", "scan"]) == 0 {
        return Ok(());
    }
    let meaning = "a request searches all keys of Redis, and takes longer with each logout. It knows the ID of its session";
    bail!(Finding::new("no search", commands.to_string(), meaning))
}
