//! What every test here says in the same words.
#![allow(dead_code, reason = "not every suite says all of it")]

pub(crate) mod in_cookie;
pub(crate) mod site;

use std::time::{Duration, Instant};

use actix_session::{
    Session, SessionExt,
    storage::{SessionKey, SessionStore},
};
use actix_web::test::TestRequest;
use serde_json::value::RawValue;
use session_stores::{RESERVED, Record, State, Timeout, Timeouts, Times};

/// Longest wait for a condition, on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The TTL that the middleware hands over, and that stores ignore.
pub(crate) const TTL: actix_web::cookie::time::Duration =
    actix_web::cookie::time::Duration::minutes(1);

pub(crate) const FOREVER: Timeouts = Timeouts {
    idle: Timeout(None),
    absolute: Timeout(None),
};

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

/// A state of one entry, `n`.
pub(crate) fn numbered(n: usize) -> State {
    State::from([("n".to_owned(), n.to_string())])
}

pub(crate) fn key(id: &str) -> SessionKey {
    id.to_owned().try_into().unwrap()
}

/// `key` again: it can't be cloned, and `update` consumes it.
pub(crate) fn same(other: &SessionKey) -> SessionKey {
    key(other.as_ref())
}

pub(crate) fn unknown() -> SessionKey {
    key(&uuid::Uuid::new_v4().to_string())
}

pub(crate) async fn load(store: &impl SessionStore, key: &SessionKey) -> Option<State> {
    store.load(key).await.unwrap()
}

/// The times that ride along in a loaded state.
pub(crate) fn times(state: &State) -> Times {
    serde_json::from_str(&state[RESERVED]).unwrap()
}

/// What the application sees of a loaded state.
pub(crate) fn data(mut state: State) -> State {
    state.remove(RESERVED);
    state
}

/// A record of the session `id`, as it would lie somewhere.
pub(crate) fn record(id: &str) -> String {
    let time = "2026-01-01T10:00:00Z";
    let json = format!(
        r#"{{"ID":"{id}","Data":{{"n":1}},"CreatedAt":"{time}","UpdatedAt":"{time}","RotatedAt":"{time}"}}"#
    );
    serde_json::from_str::<Record>(&json).unwrap();
    json
}

/// Waits until the clock has moved on by `time`: what is waited for is the clock itself.
pub(crate) async fn pass(time: Duration) {
    let start = Instant::now();
    testkit::wait_until("the clock", PATIENCE, async || {
        Ok((start.elapsed() > time).then_some(()))
    })
    .await
    .unwrap();
}

/// `state` after a handler has done this to its session.
pub(crate) fn handled(state: State, handler: impl FnOnce(&Session)) -> State {
    let request = TestRequest::default().to_srv_request();
    let session = request.get_session();
    for (name, json) in state {
        session
            .insert(name, serde_json::from_str::<Box<RawValue>>(&json).unwrap())
            .unwrap();
    }
    handler(&session);
    session.entries().clone()
}
