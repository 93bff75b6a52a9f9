//! Rules for the commands of `update` and `delete`, whatever the order of the requests.

use anyhow::{Result, bail};
use testkit::{Endpoint, Redis};

use crate::{
    checker::{Checker, Finding, Visitor},
    checks::{
        redis_commands::{Commands, refused},
        redis_data::{OTHER_IDLE_TIMEOUT, expect_other, session_key, ttl},
    },
};

/// Expects that the logout of another user has not logged Bob out.
pub(super) async fn expect_bob(bob: &mut Visitor<'_>) -> Result<()> {
    let seen = bob.get("/").await?;
    if seen.body.starts_with("Hello bob") {
        return Ok(());
    }
    let meaning = "Alice has logged out, and Bob is logged out too: delete removed more than the session with this ID";
    bail!(Finding::about(&seen, "Hello bob", meaning))
}

/// Expects that nothing is left under the key of a session that was logged out. Other keys may remember that it has
/// ended.
pub(super) fn expect_removed(checker: &Checker, redis: &Redis, copy: &Visitor<'_>) -> Result<()> {
    let id = copy.client.session_id().unwrap_or_default();
    let key = format!("session:{id}");
    if redis.cli(&["EXISTS", &key])? == "0" {
        return expect_expiry(checker, redis, copy);
    }
    let ttl = ttl(checker, redis, &key)?;
    let expected = "no key of this session after the logout";
    let meaning = "no user is logged in, but delete left the key. A request in flight finds the key, so update can write the user back";
    let observed = format!("the key, with a TTL of {ttl}");
    bail!(Finding::new(expected, observed, meaning))
}

/// Expects that `update` writes the session and its expiry in one step.
pub(super) async fn expect_one_step(
    checker: &Checker,
    redis: &Redis,
    alice: &mut Visitor<'_>,
) -> Result<()> {
    redis.reset_command_stats()?;
    alice.post("/note", "milk").await?;
    let commands = Commands::recorded(checker, redis)?;
    let expiry = commands.calls(&["expire", "pexpire", "expireat", "pexpireat"]);
    if expiry == 0 || commands.combined() > 0 {
        return Ok(());
    }
    let expected = "one command of update for a note";
    let meaning = "the expiry takes a command of its own. A program that is killed before that command leaves a session with another expiry, or with none";
    bail!(Finding::new(expected, commands.to_string(), meaning))
}

/// Expects that whatever remembers the end of a session expires.
fn expect_expiry(checker: &Checker, redis: &Redis, copy: &Visitor<'_>) -> Result<()> {
    let Some(key) = session_key(redis, copy)? else {
        return Ok(());
    };
    if ttl(checker, redis, &key)? >= 0 {
        return Ok(());
    }
    let expected = "no key with this session ID, or one that expires";
    let meaning = "delete removed the session and left another key with its ID, which never expires. So Redis fills up with each logout";
    bail!(Finding::new(expected, key, meaning))
}

/// Expects that a logout asks for its key, whatever other keys Redis has.
pub(super) async fn expect_no_search(
    checker: &Checker,
    redis: &Redis,
    alice: &mut Visitor<'_>,
) -> Result<()> {
    redis.reset_command_stats()?;
    alice.post("/logout", "").await?;
    let commands = Commands::recorded(checker, redis)?;
    if commands.calls(&["keys", "scan"]) == 0 {
        return Ok(());
    }
    let expected = "commands of delete that name the key";
    let meaning = "a logout searches all keys of Redis, and takes longer with each session that Redis has. key(id) is the name of the key";
    bail!(Finding::new(expected, commands.to_string(), meaning))
}

/// Expects that visitors see an error if Redis returns one.
pub(super) async fn expect_errors(
    checker: &Checker,
    redis: &Redis,
    alice: &Visitor<'_>,
) -> Result<()> {
    checker.log("Redis refuses to write");
    let mut tab = alice.clone();
    let expected = "an error for Alice, because Redis returned one";
    let seen = refused(redis, &["@write"], tab.post("/note", "eggs")).await?;
    if seen.status < 500 {
        let meaning = "Redis refused the command of update, but Alice saw no error. update must return the error";
        bail!(Finding::about(&seen, expected, meaning));
    }
    let seen = refused(redis, &["@write"], tab.post("/logout", "")).await?;
    if seen.status < 500 {
        let meaning = "Redis refused the command of delete, but Alice saw no error and believes that she has logged out. delete must return the error";
        bail!(Finding::about(&seen, expected, meaning));
    }
    checker.log("Redis accepts all commands again");
    Ok(())
}

/// Expects that `update` sets the expiry to `IDLE_TIMEOUT`, whatever that is.
pub(super) async fn expect_setting(checker: &Checker, redis: &Redis) -> Result<()> {
    let (url, idle_timeout) = (redis.url(), OTHER_IDLE_TIMEOUT.0);
    let settings = [("REDIS_URL", url.as_str()), ("IDLE_TIMEOUT", idle_timeout)];
    let app = checker.app("app-3", &settings).await?;
    checker.log(&format!(
        "Carol at an instance with IDLE_TIMEOUT={idle_timeout}"
    ));
    let mut carol = checker.visitor(&app.endpoint());
    carol.post("/login", "user=carol").await?;
    carol.post("/note", "tea").await?;
    let key = session_key(redis, &carol)?;
    expect_other(key.map_or(Ok(-2), |key| ttl(checker, redis, &key))?)
}

/// Explains why a copy of Alice's cookie still works after the logout.
pub(super) fn why_logged_in(
    checker: &Checker,
    redis: &Redis,
    copy: &Visitor<'_>,
) -> Result<&'static str> {
    let key = session_key(redis, copy)?;
    let ttl = key.map_or(Ok(-2), |key| ttl(checker, redis, &key))?;
    Ok(if (0..=3600).contains(&ttl) {
        "delete only shortens the expiry. Until then, a copy of the cookie is still logged in"
    } else {
        "only the browser dropped its cookie. The session is still in Redis, and a copy of the cookie is still logged in"
    })
}

/// Logs Bob in at `endpoint`.
pub(super) async fn log_in_bob<'a>(
    checker: &'a Checker,
    endpoint: &Endpoint,
) -> Result<Visitor<'a>> {
    let mut bob = checker.visitor(endpoint);
    bob.post("/login", "user=bob").await?;
    expect_bob(&mut bob).await?;
    Ok(bob)
}
