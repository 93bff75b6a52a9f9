//! Wraps the session store: all requests of a worker share it, and the log has the cause of each error.

use std::{error::Error, iter, rc::Rc};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use session_stores::{ShortId, StoreError};
use uuid::Uuid;

use crate::{
    State,
    request_context::{self, session_for_log},
};

/// Shares one store, and so one connection, between all requests of a worker.
pub(crate) struct Shared<S> {
    store: Rc<S>,
    /// The longest key, in bytes, that a cookie takes.
    longest_key: usize,
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self {
            store: Rc::clone(&self.store),
            ..*self
        }
    }
}

impl<S: SessionStore> Shared<S> {
    pub(crate) fn new(store: S, longest_key: usize) -> Self {
        Self {
            store: Rc::new(store),
            longest_key,
        }
    }

    /// Returns `key`, or an error if it is too long for a cookie. Only the cookie store has such keys, and it stores
    /// nothing on the server.
    fn fitting(&self, key: SessionKey) -> anyhow::Result<SessionKey> {
        let (bytes, limit) = (key.as_ref().len(), self.longest_key);
        if bytes > limit {
            request_context::with(|context| context.too_large.set(true));
            return Err(StoreError::TooLarge { bytes, limit }.into());
        }
        Ok(key)
    }

    /// Loads a session that does not exist and returns whether that worked.
    pub(crate) async fn is_up(&self) -> bool {
        let unknown = SessionKey::try_from(Uuid::new_v4().to_string())
            .expect("a UUID is shorter than 4064 bytes");
        self.store.load(&unknown).await.is_ok()
    }
}

impl<S: SessionStore> SessionStore for Shared<S> {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let loaded = self.store.load(key).await;
        let loaded = loaded.inspect_err(|error| log_failure("load", error.source()))?;
        set_session(loaded.is_some().then_some(key));
        Ok(loaded)
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let saved = self.store.save(state, ttl).await;
        let saved = saved.and_then(|key| self.fitting(key).map_err(SaveError::Other));
        let key = saved.inspect_err(|error| log_failure("save", error.source()))?;
        set_session(Some(&key));
        Ok(key)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let updated = self.store.update(key, state, ttl).await;
        let updated = updated.and_then(|key| self.fitting(key).map_err(UpdateError::Other));
        let key = updated.inspect_err(|error| log_failure("update", error.source()))?;
        set_session(Some(&key));
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> anyhow::Result<()> {
        let renewed = self.store.update_ttl(key, ttl).await;
        renewed.inspect_err(|error| log_failure("renew", Some(error.as_ref())))
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let deleted = self.store.delete(key).await;
        deleted.inspect_err(|error| log_failure("delete", Some(error.as_ref())))
    }
}

/// Sets the session ID for the log. The keys of all stores begin with it.
fn set_session(key: Option<&SessionKey>) {
    let id = key.and_then(|key| Uuid::try_parse(key.as_ref().get(..36)?).ok());
    request_context::with(|context| context.session.set(id.map(ShortId::from)));
}

/// Logs that a `call` of the store failed, with all causes. The errors of the trait itself only name the call.
fn log_failure(call: &str, cause: Option<&(dyn Error + 'static)>) {
    let causes: Vec<_> = iter::successors(cause, |&cause| cause.source())
        .map(ToString::to_string)
        .collect();
    let (causes, id) = (causes.join(": "), session_for_log());
    log::error!("session {call} failed: {causes} sessionID={id}");
}
