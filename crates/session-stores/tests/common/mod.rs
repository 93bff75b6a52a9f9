//! Helpers for all tests of the stores.
#![allow(dead_code, reason = "no test binary uses all of them")]

pub(crate) mod log;
pub(crate) mod test_redis;

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use session_stores::{
    Access, Changes, Data, Identity, Loaded, OldId, Record, Store, StoreError, Timeouts, Written,
};
use time::OffsetDateTime;

/// Longest wait for a condition, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) const FOREVER: Timeouts = Timeouts::NEVER;

pub(crate) fn idle(limit: Duration) -> Timeouts {
    timeouts(Some(limit), None)
}

pub(crate) fn absolute(limit: Duration) -> Timeouts {
    timeouts(None, Some(limit))
}

pub(crate) fn timeouts(idle: Option<Duration>, absolute: Option<Duration>) -> Timeouts {
    Timeouts { idle, absolute }
}

/// Returns the access of a request that waits as long as a test does.
pub(crate) fn access<S: Store>(store: &S) -> Access<&S> {
    Access::new(store, PATIENCE)
}

pub(crate) async fn load(store: &impl Store, key: &str) -> Option<Loaded> {
    access(store).load(key).await.unwrap()
}

/// Loads a session that exists: a permissive store returns an empty one for an unknown ID.
pub(crate) async fn load_stored(store: &impl Store, key: &str) -> Option<Loaded> {
    let loaded = load(store, key).await;
    loaded.filter(|loaded| loaded.version.is_some())
}

pub(crate) async fn delete(store: &impl Store, key: &str) {
    access(store).delete(key).await.unwrap();
}

pub(crate) async fn try_write(
    store: &impl Store,
    loaded: Option<&Loaded>,
    identity: Identity,
    changes: &Changes,
) -> Result<Option<Written>, StoreError> {
    let apply = |data: &mut _| {
        changes.apply(data);
        Ok(())
    };
    access(store).write(loaded.cloned(), identity, apply).await
}

/// Writes a session as a request does. Returns `None` if it has ended.
pub(crate) async fn write(
    store: &impl Store,
    loaded: Option<&Loaded>,
    identity: Identity,
    changes: &Changes,
) -> Option<Written> {
    try_write(store, loaded, identity, changes).await.unwrap()
}

/// Begins a session with the entry `n`.
pub(crate) async fn begin(store: &impl Store, n: u64) -> Written {
    let begun = write(store, None, Identity::Keep, &numbered(n)).await;
    begun.unwrap()
}

/// Sets the entry `n`.
pub(crate) async fn change(store: &impl Store, loaded: &Loaded, n: u64) -> Option<Written> {
    write(store, Some(loaded), Identity::Keep, &numbered(n)).await
}

/// Writes a session without a change to its data. Returns `None` if it has ended.
pub(crate) async fn identify(
    store: &impl Store,
    loaded: Option<&Loaded>,
    identity: Identity,
) -> Option<Written> {
    write(store, loaded, identity, &Changes::default()).await
}

pub(crate) async fn rotate(store: &impl Store, loaded: &Loaded, old_id: OldId) -> Option<Written> {
    identify(store, Some(loaded), Identity::Rotate(old_id)).await
}

pub(crate) async fn log_in(store: &impl Store, loaded: Option<&Loaded>, user: &str) -> Written {
    let login = identify(store, loaded, Identity::LogIn(user.to_owned())).await;
    login.unwrap()
}

/// Returns changes that set the entry `n`.
pub(crate) fn numbered(n: u64) -> Changes {
    entries(&format!(r#"{{"n":{n}}}"#))
}

/// Returns changes that set the entries of a JSON object, and remove those with `null`. `*` stands for all entries.
pub(crate) fn entries(json: &str) -> Changes {
    let mut changes = Changes::default();
    for (name, value) in serde_json::from_str::<Data>(json).unwrap() {
        match (&*name, value.get()) {
            ("*", "null") => changes.clear(),
            (_, "null") => changes.remove(name),
            _ => changes.insert(name, value),
        }
    }
    changes
}

/// Returns the entry `n`.
pub(crate) fn n(loaded: &Loaded) -> Option<u64> {
    let json = loaded.record.data.get("n")?;
    Some(json.get().parse().unwrap())
}

/// Returns a record as JSON, to compare it.
pub(crate) fn text(record: &Record) -> String {
    serde_json::to_string(record).unwrap()
}

/// Returns the key of a session in a cookie.
pub(crate) fn cookie(id: impl Display, json: &str) -> String {
    format!("{id}.{}", BASE64_URL_SAFE_NO_PAD.encode(json))
}

/// Returns the key of alice's session, with the entry `n` being 1, which began `began` ago. She got the cookie `given`
/// ago, before there were versions.
pub(crate) fn aged_cookie(began: Duration, given: Duration, timeouts: &Timeouts) -> String {
    let now = OffsetDateTime::now_utc();
    let mut record = Record::begin(Some("alice".to_owned()), now - began, timeouts);
    record.updated_at = now - given;
    numbered(1).apply(&mut record.data);
    cookie(record.id, &text(&record).replace(r#""Version":0,"#, ""))
}

pub(crate) fn unknown_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Returns a record of the session `id` as JSON, with the entry `n` being 1.
pub(crate) fn record(id: &str) -> String {
    let time = "2026-01-01T10:00:00Z";
    let json = format!(
        r#"{{"Version":1,"ID":"{id}","Data":{{"n":1}},"CreatedAt":"{time}","UpdatedAt":"{time}","RotatedAt":"{time}"}}"#
    );
    serde_json::from_str::<Record>(&json).unwrap();
    json
}

/// Waits until `probe` returns a value.
pub(crate) async fn wait<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let found = testkit::wait_until(what, PATIENCE, async || Ok(probe().await));
    found.await.unwrap()
}

/// Waits until `condition` is true.
pub(crate) async fn wait_until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    wait(what, async || condition().await.then_some(())).await;
}

/// Waits until the clock has advanced by `time`.
pub(crate) async fn pass(time: Duration) {
    let start = Instant::now();
    wait_until("the clock", async || start.elapsed() > time).await;
}
