//! Exercise 8: a store in Redis, which two instances share, and whose keys expire.

use anyhow::{Result, bail};
use testkit::{Endpoint, Redis};

use super::{
    no_connection::{expect_error, shut_down},
    redis_commands::{Commands, refused},
    redis_data::{
        IDLE_TIMEOUT, OTHER_IDLE_TIMEOUT, expect_other, expect_renewed, expect_whole, session_key,
        shorten_expiry, ttl,
    },
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
    visitor.expect(&[7]).await?;

    // HAProxy's health checks ask Redis too, and would be counted.
    drop(balancer);
    let [here, there] = [apps[0].endpoint(), apps[1].endpoint()];
    visitor.at(&here);
    let checks = Checks {
        checker,
        redis: &redis,
        there,
    };
    checks.expect_reads_keep(&mut visitor).await?;
    expect_name(&key, &visitor)?;
    checks.expect_two_commands(&mut visitor).await?;
    checks.expect_errors(&mut visitor).await?;
    checks.expect_setting().await?;
    checks.expect_end(&mut visitor, &key).await?;

    shut_down(checker, &redis)?;
    expect_error(&visitor.get("/session/").await?, "get")?;
    checker.log("a visitor without a session, so that only set is called");
    let mut first = checker.visitor(&here);
    expect_error(&first.get("/").await?, "set")
}

struct Checks<'a> {
    checker: &'a Checker,
    redis: &'a Redis,
    there: Endpoint,
}

impl Checks<'_> {
    /// Expects that a visit that only reads leaves the session in Redis. N was 7.
    async fn expect_reads_keep(&self, visitor: &mut Visitor<'_>) -> Result<()> {
        visitor.get("/session/").await?;
        let seen = visitor.get("/").await?;
        if seen.count() == Some(0) {
            let expected = "Hello World #8 after a look at /session/";
            let meaning =
                "a visit that only read the session lost it. Does get leave the session in Redis?";
            bail!(Finding::about(&seen, expected, meaning));
        }
        expect_counts(&[seen], &[8])
    }

    /// Expects that a visit takes one command for each of `get` and `set`, or one step in all. N was 8.
    async fn expect_two_commands(&self, visitor: &mut Visitor<'_>) -> Result<()> {
        self.redis.reset_command_stats()?;
        visitor.expect(&[9, 10, 11]).await?;
        let commands = Commands::recorded(self.checker, self.redis)?;
        let meaning = if commands.calls(&["keys", "scan"]) > 0 {
            "get searches all keys of Redis, and takes longer with each session that Redis has. It knows the name of the key, so it can ask for that one"
        } else if commands.combined() > 0 || commands.total() <= 6 {
            return Ok(());
        } else if commands.calls(&["expire", "pexpire", "expireat", "pexpireat"]) > 0 {
            "the expiry takes a command of its own. A program that is killed before that command leaves a session with another expiry, or with none"
        } else if commands.calls(&["del", "unlink", "getdel"]) > 0 {
            "a visit deletes the session before it writes it again. Another request that reads in between finds none"
        } else {
            "get and set take more than one command each, so a visitor waits for Redis more often than necessary"
        };
        let expected = "6 commands for 3 visits: 3 for get, 3 for set";
        bail!(Finding::new(expected, commands.to_string(), meaning))
    }

    /// Expects that visitors see an error if Redis returns one. N was 11.
    async fn expect_errors(&self, visitor: &mut Visitor<'_>) -> Result<()> {
        let expected = "an error for the visitor, because Redis returned one";
        self.checker.log("Redis refuses to read and to write");
        let mut reader = visitor.clone();
        let seen = refused(self.redis, &["@read", "@write"], reader.get("/session/")).await?;
        if seen.status < 500 {
            let meaning = "Redis refused the command of get, but the visitor was served as if they had no session. get must return the error";
            bail!(Finding::about(&seen, expected, meaning));
        }
        self.checker.log("Redis refuses to write");
        let seen = refused(self.redis, &["@write"], visitor.get("/")).await?;
        if seen.status < 500 {
            let meaning = "Redis refused the command of set, but the visitor saw no error. set must return the error";
            bail!(Finding::about(&seen, expected, meaning));
        }
        self.checker.log("Redis accepts all commands again");
        visitor.expect(&[12]).await
    }

    /// Expects that the expiry is `IDLE_TIMEOUT`, whatever that is.
    async fn expect_setting(&self) -> Result<()> {
        let (url, idle_timeout) = (self.redis.url(), OTHER_IDLE_TIMEOUT.0);
        let settings = [("REDIS_URL", url.as_str()), ("IDLE_TIMEOUT", idle_timeout)];
        let app = self.checker.app("app-3", &settings).await?;
        self.checker
            .log(&format!("an instance with IDLE_TIMEOUT={idle_timeout}"));
        let mut visitor = self.checker.visitor(&app.endpoint());
        visitor.expect(&[0]).await?;
        let key = own_key(self.redis, &visitor)?;
        expect_other(ttl(self.checker, self.redis, &key)?)
    }

    /// Expects that a session ends on every instance when its key is deleted.
    async fn expect_end(&self, visitor: &mut Visitor<'_>, key: &str) -> Result<()> {
        self.redis.cli(&["DEL", key])?;
        self.checker.log("redis-cli DEL: the session ends");
        let seen = visitor.at(&self.there).get("/").await?;
        if seen.count() != Some(0) {
            let meaning = "Redis no longer has the session, but the program still serves a copy of its own. So a logout or an expiry would not hold on every instance";
            bail!(Finding::about(&seen, "Hello World #0", meaning));
        }
        if visitor
            .client
            .session_id()
            .is_some_and(|id| key.contains(id))
        {
            let expected = "a new session ID for a visitor whose session has ended";
            let meaning = "Redis has no session with this ID, but the visitor keeps the ID. So an attacker could plant an ID of their choice. get returns None if Redis has nothing";
            bail!(Finding::new(expected, "the same session ID", meaning));
        }
        Ok(())
    }
}

/// Expects that the key has the name that `delete`, outside the marks, uses too.
fn expect_name(key: &str, visitor: &Visitor<'_>) -> Result<()> {
    let id = visitor.client.session_id().unwrap_or_default();
    let expected = format!("session:{id}");
    if key == expected {
        return Ok(());
    }
    let meaning = "delete removes key(id), and get and set use another name. So a logout would not end the session";
    bail!(Finding::new(expected, key, meaning))
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
