//! Helpers for the tests of the Redis store.

use testkit::FaultProxy;

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use actix_session::{
    Session,
    storage::{LoadError, SessionKey, SessionStore},
};
use actix_web::rt::spawn;
use session_stores::{RedisStore, State, handle_of, redis::Options};

use crate::common::{PATIENCE, ask, request, same, test_redis::TestRedis, wait};

/// Returns the handle of a loaded session.
pub(super) fn handle(state: &State) -> String {
    ask(state, handle_of).unwrap()
}

/// Returns the handles of the sessions of `user`.
pub(super) async fn listed(store: &RedisStore, user: &str) -> Vec<String> {
    let sessions = store.sessions_of(user).await.unwrap().into_iter();
    sessions.map(|session| session.handle).collect()
}

/// Opens a store that waits for `redis_timeout`.
pub(super) async fn impatient(url: &str, redis_timeout: Duration) -> RedisStore {
    let options = Options {
        redis_url: url.to_owned(),
        redis_timeout,
        ..Options::default()
    };
    RedisStore::connect(options).await.unwrap()
}

/// Returns the error of a load as the log has it.
pub(super) async fn failure(store: &RedisStore, key: &SessionKey) -> String {
    match store.load(key).await {
        Err(LoadError::Other(cause)) => cause.to_string(),
        other => panic!("not an error of the store: {other:?}"),
    }
}

/// Returns the IDs of all connections but that of redis-cli.
pub(super) fn connections(redis: &TestRedis) -> Vec<String> {
    let clients = redis.cli(&["CLIENT", "LIST"]);
    let others = clients.lines().filter(|line| !line.contains("cmd=client"));
    let ids = others.filter_map(|line| Some(line.split_whitespace().next()?.to_owned()));
    ids.collect()
}

/// Returns how often each command was called since the last call.
pub(super) fn commands(redis: &TestRedis) -> BTreeMap<String, u64> {
    let stats = redis.server().command_stats().unwrap();
    redis.server().reset_command_stats().unwrap();
    let calls = stats.into_iter().map(|(name, stats)| (name, stats.calls));
    calls
        .filter(|(name, _)| !["info", "config|resetstat"].contains(&name.as_str()))
        .collect()
}

/// Asserts that Redis has run these commands since the last call.
#[track_caller]
pub(super) fn assert_commands(redis: &TestRedis, expected: &[(&str, u64)]) {
    let expected = expected.iter().copied();
    let expected = expected.map(|(name, calls)| (name.to_owned(), calls));
    assert_eq!(commands(redis), expected.collect());
}

/// A word of the command that is the second step of a renewal.
pub(super) const SECOND_STEP: &str = "FollowUntil";

/// Runs `meanwhile` between the two steps of a renewal, and returns what the renewal returns.
pub(super) async fn between_steps(
    redis: &TestRedis,
    old: &SessionKey,
    state: State,
    renewal: fn(&Session),
    meanwhile: impl AsyncFnOnce(),
) -> SessionKey {
    let proxy = FaultProxy::start(redis.server()).unwrap();
    let held = proxy.hold(SECOND_STEP);
    let store = Rc::new(impatient(&proxy.url(), PATIENCE).await);
    let old = same(old);
    let renewal = spawn(async move { request(&*store, &old, state, renewal).await });
    wait("the second step", async || {
        Ok(held.has_arrived().then_some(()))
    })
    .await;
    meanwhile().await;
    held.release();
    renewal.await.unwrap()
}
