//! A Redis of our own and stores on it.

use std::time::Duration;

use actix_session::storage::{LoadError, SessionKey, SessionStore};
use session_stores::{RedisStore, State, Timeouts, handle_of, redis::Options, sign_in};
use testkit::{Persistence, Redis, TestEnv};

use crate::common::{TTL, handled, load, numbered};

pub(super) async fn redis() -> Redis {
    Redis::start(&TestEnv::new().unwrap(), Persistence::AppendOnly)
        .await
        .unwrap()
}

/// A session that `user` has signed in to, as the next request loads it.
pub(super) async fn signed_in(store: &RedisStore, user: &str) -> (SessionKey, State) {
    let key = store
        .save(handled(numbered(1), |session| sign_in(session, user)), &TTL)
        .await
        .unwrap();
    let state = load(store, &key).await.unwrap();
    (key, state)
}

/// The handle of a loaded session.
pub(super) fn handle(state: &State) -> String {
    let mut handle = None;
    handled(state.clone(), |session| handle = handle_of(session));
    handle.unwrap()
}

/// The handles of the sessions that `user` has.
pub(super) async fn listed(store: &RedisStore, user: &str) -> Vec<String> {
    store
        .sessions_of(user)
        .await
        .unwrap()
        .into_iter()
        .map(|session| session.handle)
        .collect()
}

/// The ids in the index of `user`, dead ones too.
pub(super) fn index(redis: &Redis, user: &str) -> Vec<String> {
    let ids = redis
        .cli(&["ZRANGE", &format!("session-user:{user}"), "0", "-1"])
        .unwrap();
    ids.lines()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Without impatience: a slow machine is no case of its own.
pub(super) fn options(url: &str) -> Options {
    Options {
        redis_url: url.to_owned(),
        redis_timeout: Duration::from_secs(10),
        ..Options::default()
    }
}

pub(super) async fn store(redis: &Redis, timeouts: Timeouts) -> RedisStore {
    RedisStore::connect(Options {
        timeouts,
        ..options(&redis.url())
    })
    .await
    .unwrap()
}

/// Gives up soon.
pub(super) async fn impatient(url: &str, redis_timeout: Duration) -> RedisStore {
    RedisStore::connect(Options {
        redis_timeout,
        ..options(url)
    })
    .await
    .unwrap()
}

/// What the log is told when `load` fails.
pub(super) async fn failure(store: &RedisStore, key: &SessionKey) -> String {
    match store.load(key).await {
        Err(LoadError::Other(cause)) => cause.to_string(),
        other => panic!("not a failure of the store: {other:?}"),
    }
}

/// The name of a session in Redis.
pub(super) fn name(key: &SessionKey) -> String {
    format!("session:{}", key.as_ref())
}

/// What is left of a session's TTL, in milliseconds; -1 without one, -2 without the session.
pub(super) fn pttl(redis: &Redis, key: &SessionKey) -> i64 {
    redis.cli(&["PTTL", &name(key)]).unwrap().parse().unwrap()
}

/// The ids of all connections but the one that asks.
pub(super) fn connections(redis: &Redis) -> Vec<String> {
    let clients = redis.cli(&["CLIENT", "LIST"]).unwrap();
    let others = clients
        .lines()
        .filter(|client| !client.contains("cmd=client"));
    others
        .filter_map(|client| Some(client.split_whitespace().next()?.to_owned()))
        .collect()
}

/// The names of all sessions, without what leads to them. There are few, so one page holds them.
pub(super) fn sessions(redis: &Redis) -> Vec<String> {
    let page = redis
        .cli(&[
            "SCAN",
            "0",
            "MATCH",
            "session:*",
            "COUNT",
            "10000",
            "TYPE",
            "string",
        ])
        .unwrap();
    page.lines()
        .skip(1)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
