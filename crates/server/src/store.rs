//! Wraps the session store: all requests of a worker share it, and the log has the cause of each error.

use std::{error::Error, iter, rc::Rc};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use session_stores::ShortId;
use uuid::Uuid;

use crate::{
    State,
    request_context::{self, session_for_log},
};

/// Shares one store, and so one connection, between all requests of a worker.
pub(crate) struct Shared<S>(Rc<S>);

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<S: SessionStore> Shared<S> {
    pub(crate) fn new(store: S) -> Self {
        Self(Rc::new(store))
    }

    /// Loads a session that does not exist and returns whether that worked.
    pub(crate) async fn is_up(&self) -> bool {
        let unknown = SessionKey::try_from(Uuid::new_v4().to_string())
            .expect("a UUID is shorter than 4064 bytes");
        self.0.load(&unknown).await.is_ok()
    }
}

impl<S: SessionStore> SessionStore for Shared<S> {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let loaded = self.0.load(key).await;
        let loaded = loaded.inspect_err(|error| log_failure("load", error.source()))?;
        set_session(loaded.is_some().then_some(key));
        Ok(loaded)
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let saved = self.0.save(state, ttl).await;
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
        let updated = self.0.update(key, state, ttl).await;
        let key = updated.inspect_err(|error| log_failure("update", error.source()))?;
        set_session(Some(&key));
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> anyhow::Result<()> {
        let renewed = self.0.update_ttl(key, ttl).await;
        renewed.inspect_err(|error| log_failure("renew", Some(error.as_ref())))
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        let deleted = self.0.delete(key).await;
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
