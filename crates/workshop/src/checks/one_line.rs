//! Exercise 7: from files to Redis in one line.

use anyhow::{Result, bail};
use testkit::Redis;

use super::redis_data::{IDLE_TIMEOUT, is_whole, session_key, ttl};
use crate::checker::{Checker, Finding, Visitor, miscount};

/// The length of a session ID, which is a UUID.
const ID_LENGTH: usize = 36;

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let settings = [("IDLE_TIMEOUT", IDLE_TIMEOUT.0)];
    let (redis, apps) = checker.redis_and_two_apps(&settings).await?;
    let balancer = checker.balancer(&apps).await?;
    let mut visitor = checker.visitor(&balancer.endpoint());
    let seen = visitor.visits(6).await?;
    let app = apps[0].endpoint();
    let ready = visitor.client.get(&app, "/readyz").await?.body;
    if let Some(finding) = miscount(&seen, &[0, 1, 2, 3, 4, 5]) {
        let meaning = why_not_shared(&ready, &redis)?.map_or(finding.meaning, str::to_owned);
        bail!(Finding { meaning, ..finding })
    }
    let Some(key) = session_key(&redis, &visitor)? else {
        let observed = "counts 0 1 2 3 4 5, but no key with the visitor's session ID";
        let meaning = why_not_in_redis(&ready, &redis, &visitor)?;
        bail!(Finding::new(IN_REDIS, observed, meaning));
    };
    expect_settings(checker, &redis, &key)
}

const IN_REDIS: &str = "counts 0 1 2 3 4 5, and the session in Redis";

/// Explains why two instances share no sessions, from the store that one of them names in its `/readyz` response.
fn why_not_shared(ready: &str, redis: &Redis) -> Result<Option<&'static str>> {
    let keys = redis.cli(&["--scan"])?;
    Ok(if ready.contains("store file") {
        Some(
            "the sessions are in files, in one folder for each instance. One instance doesn't see the other's sessions",
        )
    } else if ready.contains("store memory") {
        Some("memory is not shared either: each instance has its own, and a restart empties it")
    } else if keys.is_empty() && is_empty(redis)? {
        Some(
            "the page may call the store redis, but Redis holds nothing. Was only the name changed?",
        )
    } else if !keys.lines().any(|key| key.starts_with("session:")) {
        Some(
            "Redis has keys, and none of them begins with session:. Does each instance use a prefix of its own?",
        )
    } else {
        None
    })
}

/// Explains right counts without a session in the database of Redis that `REDIS_URL` names.
fn why_not_in_redis(ready: &str, redis: &Redis, visitor: &Visitor<'_>) -> Result<&'static str> {
    let id = visitor.client.session_id().unwrap_or_default();
    Ok(if !is_empty(redis)? {
        "the sessions are in another database of Redis than the one that REDIS_URL names"
    } else if id.len() > ID_LENGTH {
        "the session itself is in the visitor's cookie. Both instances can read it there, but a logout cannot end a copy of it. The task is to keep it in Redis"
    } else if ready.contains("store file") {
        "the sessions are in files, in one folder for both instances. Two machines have no common folder. The task is to keep them in Redis"
    } else {
        "the instances share the session, but not in Redis, which holds nothing"
    })
}

/// Returns whether no database of `redis` has a key.
fn is_empty(redis: &Redis) -> Result<bool> {
    let databases = redis.cli(&["INFO", "keyspace"])?;
    Ok(!databases.lines().any(|line| line.starts_with("db")))
}

/// Expects that the store was opened with its settings: those for the prefix and the idle timeout.
fn expect_settings(checker: &Checker, redis: &Redis, key: &str) -> Result<()> {
    if !key.starts_with("session:") {
        let expected = "a key that starts with session:, the default of SESSION_PREFIX";
        let meaning = "Redis holds the sessions, but the program doesn't use its setting SESSION_PREFIX. A program that looks for session:… does not find them";
        bail!(Finding::new(expected, format!("the key {key}"), meaning));
    }
    let ttl = ttl(checker, redis, key)?;
    if is_whole(ttl) {
        return Ok(());
    }
    let (setting, whole) = IDLE_TIMEOUT;
    let expected = format!("a TTL of {whole} s (IDLE_TIMEOUT={setting})");
    let meaning = "Redis holds the sessions, but the program ignores its setting IDLE_TIMEOUT";
    bail!(Finding::new(expected, format!("a TTL of {ttl}"), meaning))
}
