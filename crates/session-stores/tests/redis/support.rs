//! Helpers for the tests of the Redis store.

use std::{collections::BTreeMap, time::Duration};

use session_stores::{
    Identity, Loaded, OldId, RedisStore, Store, StoreError, Timeouts, redis::Options,
};
use testkit::FaultProxy;

use crate::common::{
    begin, change, delete, load, log_in, n, numbered, rotate, test_redis::TestRedis, try_write,
};

/// Begins a session with `n` being 1, and loads it.
pub(super) async fn loaded(store: &RedisStore) -> Loaded {
    let key = begin(store, 1).await.key;
    load(store, &key).await.unwrap()
}

/// Begins a session of `user`, and loads it.
pub(super) async fn logged_in(store: &RedisStore, user: &str) -> Loaded {
    let key = log_in(store, None, user).await.key;
    load(store, &key).await.unwrap()
}

/// Rotates the ID of a session by age. Returns the new key, which no request has brought yet.
pub(super) async fn rotated(store: &RedisStore, loaded: &Loaded) -> String {
    rotate(store, loaded, OldId::Redirects).await.unwrap().key
}

/// Returns the entry `n` of the session under `key`.
pub(super) async fn stored_n(store: &RedisStore, key: &str) -> Option<u64> {
    n(&load(store, key).await?)
}

/// Returns the session ID as it is in the cookie.
pub(super) fn key(loaded: &Loaded) -> String {
    loaded.record.id.to_string()
}

/// Tries to write the entry `n`, and returns the error.
pub(super) async fn write_error(
    store: &RedisStore,
    loaded: Option<&Loaded>,
    identity: Identity,
) -> StoreError {
    let written = try_write(store, loaded, identity, &numbered(2)).await;
    written.map(|_| "no error").unwrap_err()
}

/// Returns the error of a load as the log has it.
pub(super) async fn failure(store: &RedisStore, key: &str) -> String {
    store.load(key).await.map(drop).unwrap_err().to_string()
}

/// Opens a store on the shared server.
pub(super) async fn shared(timeouts: Timeouts) -> (TestRedis, RedisStore) {
    shared_with(|options| options.timeouts = timeouts).await
}

/// Opens a store without timeouts on the shared server, with other options than usual.
pub(super) async fn shared_with(set: impl FnOnce(&mut Options)) -> (TestRedis, RedisStore) {
    let redis = TestRedis::shared();
    let store = redis.store_with(set).await;
    (redis, store)
}

/// Opens a store on a server of its own.
pub(super) async fn own(timeouts: Timeouts) -> (TestRedis, RedisStore) {
    let redis = TestRedis::own().await;
    let store = redis.store(timeouts).await;
    (redis, store)
}

/// Opens a store on a server of its own, which keeps the scripts already.
pub(super) async fn warm(timeouts: Timeouts) -> (TestRedis, RedisStore) {
    let (redis, store) = own(timeouts).await;
    warm_up(&redis, &store).await;
    (redis, store)
}

/// Opens a store on a server of its own behind a proxy. Redis keeps its scripts already.
pub(super) async fn proxied(timeout: Duration) -> (TestRedis, FaultProxy, RedisStore) {
    let (redis, _) = warm(Timeouts::NEVER).await;
    let proxy = FaultProxy::start(redis.server()).unwrap();
    let options = |it: &mut Options| {
        it.url = proxy.url();
        it.timeout = timeout;
    };
    let store = redis.store_with(options).await;
    (redis, proxy, store)
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

/// Returns the commands that Redis has run since the last call: those that the store has sent, and in brackets others
/// that ran in a script.
pub(super) fn spent(redis: &TestRedis) -> String {
    let show = |(name, calls)| match calls {
        1 => name,
        _ => format!("{calls}*{name}"),
    };
    let all = commands(redis);
    let in_script = all.contains_key("evalsha");
    let is_sent = |name: &String| !in_script || name.starts_with("eval") || name == "getex";
    let (sent, inner): (Vec<_>, Vec<_>) = all.into_iter().partition(|(name, _)| is_sent(name));
    let [sent, inner] =
        [sent, inner].map(|them| them.into_iter().map(show).collect::<Vec<_>>().join(" "));
    if inner.is_empty() {
        sent
    } else {
        format!("{sent} ({inner})")
    }
}

/// Lets Redis keep every script, so that each is sent by its name from now on. Deletes all keys again.
pub(super) async fn warm_up(redis: &TestRedis, store: &RedisStore) {
    let own = logged_in(store, "alice").await;
    let new = rotated(store, &own).await;
    load(store, &key(&own)).await.unwrap();
    let own = load(store, &new).await.unwrap();
    change(store, &own, 2).await.unwrap();
    store.sessions_of(&own.record).await.unwrap();
    delete(store, &new).await;
    redis.cli(&["FLUSHALL"]);
    commands(redis);
}
