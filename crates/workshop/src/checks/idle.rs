//! Exercise 18: a read renews the idle timeout in one command, and doesn't touch the absolute timeout.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{Endpoint, Redis, wait_until};

use super::{
    no_connection,
    redis_commands::{Commands, refused},
    redis_data::{
        IDLE_TIMEOUT, LATE, OTHER_IDLE_TIMEOUT, expect_other, expect_whole, session_key,
        shorten_expiry, ttl,
    },
};
use crate::checker::{Checker, Finding, Visitor};

/// The absolute timeout, as a setting and in seconds.
const ABSOLUTE_TIMEOUT: (&str, i64) = ("12h", 12 * 3600);

/// At least so many of the [`LATE`] seconds are left if nothing has changed the expiry.
const UNCHANGED: i64 = LATE - 60;

/// The seconds that are left of a session when its visitor comes back early: three quarters of the idle timeout.
const EARLY: i64 = IDLE_TIMEOUT.1 / 4 * 3;

/// The number of reads whose commands are counted.
const READS: u64 = 3;

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
    redis.cli(&["EXPIRE", &key, &EARLY.to_string()])?;
    checker.log(&format!(
        "redis-cli EXPIRE: {EARLY} s, as after a short break"
    ));
    read(visitor.at(&there)).await?;
    expect_renewed_early(checker, &redis, &key)?;

    redis.reset_command_stats()?;
    for _ in 0..READS {
        read(visitor.at(&here)).await?;
    }
    expect_one_command_each(checker, &redis)?;
    visitor.at(&there).expect(&[1]).await?;
    expect_others_unchanged(checker, &redis, visitor.at(&here)).await?;
    expect_error(checker, &redis, &mut visitor).await?;
    expect_no_fallback(checker, &redis, &mut visitor).await?;
    expect_setting(checker, &redis).await?;

    make_too_old(checker, &redis, &key)?;
    let seen = visitor.at(&here).get("/").await?;
    if seen.count() != Some(0) {
        let meaning = "the session is older than ABSOLUTE_TIMEOUT but has not ended. The absolute timeout holds however much a session is used";
        bail!(Finding::about(&seen, "Hello World #0", meaning).at(Some(apps[0].name())));
    }

    expect_end(checker, &redis, &mut visitor, &[here, there]).await?;
    no_connection::shut_down(checker, &redis)?;
    no_connection::expect_error(&visitor.get("/session/").await?, "get")
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

/// Expects that a read has renewed `key` even though [`EARLY`] seconds were left.
fn expect_renewed_early(checker: &Checker, redis: &Redis, key: &str) -> Result<()> {
    let ttl = ttl(checker, redis, key)?;
    if ttl > EARLY {
        return expect_whole(ttl);
    }
    let expected = format!("a TTL of {} s after each read", IDLE_TIMEOUT.1);
    let meaning = "a read renewed the expiry when little time was left, but not when much was left. Every read counts as use";
    bail!(Finding::new(expected, format!("{ttl} s"), meaning))
}

/// Expects that the reads since the last reset took one command each, or one script or transaction.
fn expect_one_command_each(checker: &Checker, redis: &Redis) -> Result<()> {
    let commands = Commands::recorded(checker, redis)?;
    let meaning = if commands.calls(&["keys", "scan"]) > 0 {
        "a read searches all keys of Redis, and takes longer with each session that Redis has. It knows the name of the key"
    } else if commands.total() == READS || commands.combined() == READS {
        return Ok(());
    } else if commands.calls(&["set"]) > 0 {
        "a read that writes the session back undoes another request's change, and it waits for Redis twice"
    } else {
        "a read takes more than one command. A program that is killed between the two leaves the old expiry, and a wait for each reply delays the visitor twice. One command can do both"
    };
    let expected = format!("{READS} commands for {READS} reads");
    bail!(Finding::new(expected, commands.to_string(), meaning))
}

/// Expects that a read of `visitor` does not renew the session of another visitor.
async fn expect_others_unchanged(
    checker: &Checker,
    redis: &Redis,
    visitor: &mut Visitor<'_>,
) -> Result<()> {
    checker.log("another visitor comes, and then the first one again");
    let mut other = visitor.clone();
    other.client = testkit::Visitor::new();
    other.expect(&[0, 1]).await?;
    let key = session_key(redis, &other)?.context("the other visitor's session has no key")?;
    shorten_expiry(checker, redis, &key)?;
    read(visitor).await?;
    let ttl = ttl(checker, redis, &key)?;
    if (0..=LATE).contains(&ttl) {
        return Ok(());
    }
    let expected = format!("a TTL of {LATE} s for the visitor who does not come");
    let meaning = "one visitor's read renews another visitor's session. As long as anyone comes, no forgotten session ends";
    bail!(Finding::new(expected, format!("a TTL of {ttl}"), meaning))
}

/// Expects that the visitor sees an error if Redis returns one.
async fn expect_error(checker: &Checker, redis: &Redis, visitor: &mut Visitor<'_>) -> Result<()> {
    checker.log("Redis refuses to read and to write");
    let request = visitor.get("/session/");
    let seen = refused(redis, &["@read", "@write"], request).await?;
    if seen.status >= 500 {
        return Ok(());
    }
    let expected = "an error for the visitor, because Redis returned one";
    let meaning = "Redis refused the command of get, but the visitor was served as if they had no session. get must return the error";
    bail!(Finding::about(&seen, expected, meaning))
}

/// Expects that a read which cannot renew the expiry is an error.
async fn expect_no_fallback(
    checker: &Checker,
    redis: &Redis,
    visitor: &mut Visitor<'_>,
) -> Result<()> {
    let key = session_key(redis, visitor)?.context("the visitor's session has no key")?;
    shorten_expiry(checker, redis, &key)?;
    checker.log("Redis refuses GETEX");
    let seen = refused(redis, &["getex"], visitor.get("/session/")).await?;
    if seen.status >= 500 || ttl(checker, redis, &key)? > LATE {
        return Ok(());
    }
    let expected = "an error for the visitor, or a session that is renewed";
    let meaning = "Redis refused to renew the expiry, and the visitor was served without that. So the session ends while its visitor is active, and no error shows why. Return the error";
    bail!(Finding::about(&seen, expected, meaning))
}

/// Expects that a read sets the expiry to `IDLE_TIMEOUT`, whatever that is.
async fn expect_setting(checker: &Checker, redis: &Redis) -> Result<()> {
    let (url, idle_timeout) = (redis.url(), OTHER_IDLE_TIMEOUT.0);
    let settings = [("REDIS_URL", url.as_str()), ("IDLE_TIMEOUT", idle_timeout)];
    let app = checker.app("app-3", &settings).await?;
    checker.log(&format!("an instance with IDLE_TIMEOUT={idle_timeout}"));
    let mut visitor = checker.visitor(&app.endpoint());
    visitor.expect(&[0]).await?;
    read(&mut visitor).await?;
    let key = session_key(redis, &visitor)?.context("the visitor's session has no key")?;
    expect_other(ttl(checker, redis, &key)?)
}

/// Expects that an expired session has ended on both instances, even if both have read it before.
async fn expect_end(
    checker: &Checker,
    redis: &Redis,
    visitor: &mut Visitor<'_>,
    instances: &[Endpoint; 2],
) -> Result<()> {
    let key = session_key(redis, visitor)?.context("the visitor's session has no key")?;
    for instance in instances {
        read(visitor.at(instance)).await?;
    }
    redis.cli(&["PEXPIRE", &key, "1"])?;
    let expired = async || Ok((redis.cli(&["EXISTS", &key])? == "0").then_some(()));
    wait_until("the session to expire", Duration::from_secs(3), expired).await?;
    checker.log("no visit until the session has expired");
    for instance in instances {
        let seen = visitor.clone().at(instance).get("/").await?;
        if seen.count() != Some(0) {
            let meaning = "the session has expired in Redis, but the program serves a copy of its own. It has to end on every instance";
            bail!(Finding::about(&seen, "Hello World #0", meaning));
        }
    }
    visitor.expect(&[0, 1]).await
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
