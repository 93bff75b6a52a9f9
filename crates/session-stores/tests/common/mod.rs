//! Helpers for all tests of the stores.
#![allow(dead_code, reason = "no test binary uses all of them")]

pub(crate) mod in_cookie;
pub(crate) mod site;
pub(crate) mod test_redis;

use std::time::{Duration, Instant};

use actix_session::{
    Session, SessionExt,
    storage::{SessionKey, SessionStore},
};
use actix_web::test::TestRequest;
use serde_json::value::RawValue;
use session_stores::{
    RESERVED, Record, State, Timeout, Timeouts, Times, renew, rotate, sign_in, user_of,
};

/// Longest wait for a condition, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The TTL that the middleware passes and that stores ignore.
pub(crate) const TTL: actix_web::cookie::time::Duration =
    actix_web::cookie::time::Duration::minutes(1);

pub(crate) const FOREVER: Timeouts = Timeouts {
    idle: Timeout(None),
    absolute: Timeout(None),
};

pub(crate) const RENEWALS: [fn(&Session); 2] = [renew, rotate];

pub(crate) fn idle(limit: Duration) -> Timeouts {
    Timeouts {
        idle: Timeout(Some(limit)),
        ..FOREVER
    }
}

pub(crate) fn absolute(limit: Duration) -> Timeouts {
    Timeouts {
        absolute: Timeout(Some(limit)),
        ..FOREVER
    }
}

pub(crate) fn both(idle: Duration, absolute: Duration) -> Timeouts {
    Timeouts {
        idle: Timeout(Some(idle)),
        absolute: Timeout(Some(absolute)),
    }
}

/// Returns a state with one entry, `n`.
pub(crate) fn numbered(n: usize) -> State {
    State::from([("n".to_owned(), n.to_string())])
}

/// Returns `state` with another `n`.
pub(crate) fn changed(state: &State, n: usize) -> State {
    state.clone().into_iter().chain(numbered(n)).collect()
}

pub(crate) fn key(id: &str) -> SessionKey {
    id.to_owned().try_into().unwrap()
}

/// Returns a copy of `key`, which has no `Clone`.
pub(crate) fn same(other: &SessionKey) -> SessionKey {
    key(other.as_ref())
}

pub(crate) fn unknown() -> SessionKey {
    key(&uuid::Uuid::new_v4().to_string())
}

pub(crate) async fn load(store: &impl SessionStore, key: &SessionKey) -> Option<State> {
    store.load(key).await.unwrap()
}

/// Loads a session that exists: a permissive store returns an empty state for an unknown one.
pub(crate) async fn load_existing(store: &impl SessionStore, key: &SessionKey) -> Option<State> {
    let loaded = load(store, key).await;
    loaded.filter(|state| state.contains_key(RESERVED))
}

/// Loads the application's entries.
pub(crate) async fn load_data(store: &impl SessionStore, key: &SessionKey) -> Option<State> {
    load(store, key).await.map(data)
}

pub(crate) async fn save(store: &impl SessionStore, state: State) -> SessionKey {
    store.save(state, &TTL).await.unwrap()
}

pub(crate) async fn update(
    store: &impl SessionStore,
    key: &SessionKey,
    state: State,
) -> SessionKey {
    store.update(same(key), state, &TTL).await.unwrap()
}

/// Saves a new session with `n` being 1, and loads it.
pub(crate) async fn begin(store: &impl SessionStore) -> (SessionKey, State) {
    let key = save(store, numbered(1)).await;
    let state = load(store, &key).await.unwrap();
    (key, state)
}

/// Saves a new session in which `user` is logged in, and loads it.
pub(crate) async fn logged_in(store: &impl SessionStore, user: &str) -> (SessionKey, State) {
    let key = save(
        store,
        handled(numbered(1), |session| sign_in(session, user)),
    )
    .await;
    let state = load(store, &key).await.unwrap();
    (key, state)
}

/// Updates the session after `handler` was called on `state`.
pub(crate) async fn request(
    store: &impl SessionStore,
    key: &SessionKey,
    state: State,
    handler: impl FnOnce(&Session),
) -> SessionKey {
    update(store, key, handled(state, handler)).await
}

pub(crate) fn log_alice_in(session: &Session) {
    sign_in(session, "alice");
}

pub(crate) fn log_bob_in(session: &Session) {
    sign_in(session, "bob");
}

/// Returns the times in a loaded state.
pub(crate) fn times(state: &State) -> Times {
    serde_json::from_str(&state[RESERVED]).unwrap()
}

/// Returns the application's entries of a loaded state.
pub(crate) fn data(mut state: State) -> State {
    state.remove(RESERVED);
    state
}

pub(crate) fn user(state: &State) -> Option<String> {
    ask(state, user_of)
}

/// Returns the result of `question` about the session of a loaded state.
pub(crate) fn ask<T>(state: &State, question: impl FnOnce(&Session) -> T) -> T {
    let mut answer = None;
    handled(state.clone(), |session| answer = Some(question(session)));
    answer.unwrap()
}

/// Returns a record of the session `id` as JSON.
pub(crate) fn record(id: &str) -> String {
    let time = "2026-01-01T10:00:00Z";
    let json = format!(
        r#"{{"ID":"{id}","Data":{{"n":1}},"CreatedAt":"{time}","UpdatedAt":"{time}","RotatedAt":"{time}"}}"#
    );
    serde_json::from_str::<Record>(&json).unwrap();
    json
}

/// Returns the names in a JSON object.
pub(crate) fn names(json: &serde_json::Value) -> Vec<&str> {
    let object = json.as_object().unwrap();
    object.keys().map(String::as_str).collect()
}

/// Waits until `probe` returns a value.
pub(crate) async fn wait<T>(
    what: &str,
    probe: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> T {
    testkit::wait_until(what, PATIENCE, probe).await.unwrap()
}

/// Waits until the clock has advanced by `time`.
pub(crate) async fn pass(time: Duration) {
    let start = Instant::now();
    wait("the clock", async || {
        Ok((start.elapsed() > time).then_some(()))
    })
    .await;
}

/// Returns `state` after `handler` was called on its session.
pub(crate) fn handled(state: State, handler: impl FnOnce(&Session)) -> State {
    let request = TestRequest::default().to_srv_request();
    let session = request.get_session();
    for (name, json) in state {
        let json = serde_json::from_str::<Box<RawValue>>(&json).unwrap();
        session.insert(name, json).unwrap();
    }
    handler(&session);
    session.entries().clone()
}
