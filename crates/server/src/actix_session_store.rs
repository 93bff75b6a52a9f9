//! The stores of `session_stores` under actix-session's middleware.
//!
//! Everything that depends on the type of actix-session's state is in this file. The type becomes
//! [a map of JSON values](https://github.com/actix/actix-extras/pull/366) after actix-session 0.11.
//!
//! # What the trait cannot do
//! actix-session's [`SessionStore`] gets the state, and for an update the cookie's key. It never gets what `load`
//! returned. So the server remembers that for each request, in `request_context.rs`. These faults remain. They follow
//! from the [middleware](https://docs.rs/actix-session/0.11.0/src/actix_session/middleware.rs.html) and the
//! [session](https://docs.rs/actix-session/0.11.0/src/actix_session/session.rs.html), and
//! `tests/actix_session/faults.rs` shows them:
//!
//! - **A renewal can undo a logout.** `Session::renew` deletes the session and then saves the state under a new key,
//!   without a condition. If the visitor logs out while the request is in flight, the renewal brings the session back.
//! - **Rotation can't be safe.** The old key stops working before the visitor has the new one. A visitor who misses
//!   that response has lost the session.
//! - **`Session::update` is not a change.** The middleware does not notice it, so nothing is saved. Use `get` and
//!   `insert`.
//! - **An expired session's cookie stays.** `Session::purge` removes the cookie only if the store has the session.
//! - **A handler can't ask for the session ID.** Others have [asked for
//!   that](https://github.com/actix/actix-extras/issues/306). A new session gets its ID after the handler has returned.
//! - **There is no version and no time limit.** Versions were
//!   [suggested](https://github.com/actix/actix-extras/pull/212) when the trait was designed. The adapter has both, but
//!   only in a request that passes the server's access log or [`request_scope`](crate::request_scope). Elsewhere an
//!   update loads the session again and writes the whole state, and each call may take the store's whole time limit.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::Context;
use serde_json::value::RawValue;
use session_stores::{Access, Changes, Data, Identity, Loaded, OldId, Store, StoreError, Written};

use crate::request_context;

/// The state of actix-session: names, and values as JSON texts.
pub type State = HashMap<String, String>;

/// Makes a [`Store`] usable in actix-session's `SessionMiddleware`.
///
/// A session is written with the version that was loaded, and only with the entries that the handler has changed. If
/// another request has changed the session meanwhile, both changes are kept. If the session has ended meanwhile,
/// nothing is written. All calls of a request share the store's time limit.
///
/// The [module](crate::actix_session_store) lists what is missing.
#[derive(Debug, Clone)]
pub struct ActixStore<S> {
    store: S,
}

impl<S: Store> ActixStore<S> {
    /// Wraps `store`.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// Returns what calls the store for as long as the request may still wait.
    fn access(&self) -> Access<&S> {
        let left = request_context::with(|context| context.time_left.get()).flatten();
        Access::new(&self.store, left.unwrap_or_else(|| self.store.time_limit()))
    }

    async fn load(&self, key: &SessionKey) -> anyhow::Result<Option<Loaded>> {
        let access = self.access();
        let loaded = access.load(key.as_ref()).await;
        remember(&access, loaded)
    }

    /// Makes the session's data equal to `state`, as far as it differs from what was loaded.
    async fn write(
        &self,
        loaded: Option<Loaded>,
        identity: Identity,
        state: State,
    ) -> anyhow::Result<Option<SessionKey>> {
        let empty = Data::new();
        let old = loaded.as_ref().map_or(&empty, |it| &it.record.data);
        let changes = changes(state, old)?;
        let change = |data: &mut Data| {
            changes.apply(data);
            Ok(())
        };
        let access = self.access();
        let written = access.write(loaded, identity, change).await;
        let written = remember(&access, written)?;
        let key = written.map(|Written { key, .. }| key.try_into());
        Ok(key.transpose()?)
    }
}

impl<S: Store> SessionStore for ActixStore<S> {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(loaded) = self.load(key).await.map_err(LoadError::Other)? else {
            return Ok(None);
        };
        let state = (loaded.record.data.iter())
            .map(|(name, value)| (name.clone(), value.get().to_owned()))
            .collect();
        request_context::with(|context| context.loaded.set(Some(loaded)));
        Ok(Some(state))
    }

    /// Creates a session. If the request has loaded one, the middleware has just deleted it to renew it. Then the new
    /// session keeps the user and the times of the old one.
    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        let deleted = take_loaded().map(|mut loaded| {
            loaded.version = None;
            loaded.has_stale_key = false;
            loaded
        });
        self.write(deleted, Identity::Rotate(OldId::Stops), state)
            .await
            .and_then(|key| key.context("the session has expired"))
            .map_err(SaveError::Other)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let mut loaded = take_loaded();
        if loaded.is_none() {
            loaded = self.load(&key).await.map_err(UpdateError::Other)?;
        }
        if loaded.is_none() {
            return Ok(key);
        }
        let written = self.write(loaded, Identity::Keep, state).await;
        Ok(written.map_err(UpdateError::Other)?.unwrap_or(key))
    }

    /// Does nothing: loading has renewed the idle timeout.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> anyhow::Result<()> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let access = self.access();
        let deleted = access.delete(key.as_ref()).await;
        remember(&access, deleted)
    }
}

/// Remembers what the next call of the request needs to know about a call with this `result`.
fn remember<S: Store, T>(access: &Access<&S>, result: Result<T, StoreError>) -> anyhow::Result<T> {
    let too_large = matches!(result, Err(StoreError::TooLarge { .. }));
    request_context::with(|context| {
        context.time_left.set(Some(access.time_left()));
        context.too_large.set(too_large);
    });
    Ok(result?)
}

/// Returns the session that the request has loaded and not written yet.
fn take_loaded() -> Option<Loaded> {
    request_context::with(|context| context.loaded.take()).flatten()
}

/// Returns what the handler has changed since `loaded`.
fn changes(state: State, loaded: &Data) -> serde_json::Result<Changes> {
    let mut changes = Changes::default();
    for name in loaded.keys().filter(|name| !state.contains_key(*name)) {
        changes.remove(name);
    }
    for (name, json) in state {
        if loaded.get(&name).map(|value| value.get()) != Some(&json) {
            changes.insert(name, RawValue::from_string(json)?);
        }
    }
    Ok(changes)
}
