//! Wraps the session store: all requests of a worker share it, and the log has the cause of each error.

use std::{collections::HashMap, fmt::Display, ops::Deref, rc::Rc, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::{cookie::time, rt::time::timeout};

use crate::log_context::{session_for_log, set_session};

type State = HashMap<String, String>;

/// How long `/readyz` waits for the store. The load balancer waits longer for `/readyz` itself.
const PROBE_TIMEOUT: Duration = Duration::from_millis(200);

/// Shares one store, and so one connection, between all requests of a worker.
///
/// Handlers that need more of the store than its sessions find it in the application's data.
pub struct Shared<S>(Rc<S>);

impl<S> Deref for Shared<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<S: SessionStore> Shared<S> {
    pub(crate) fn new(store: S) -> Self {
        Self(Rc::new(store))
    }

    /// Loads a session that does not exist and returns whether the store answered.
    pub(crate) async fn state(&self) -> &'static str {
        let unknown = SessionKey::try_from(uuid::Uuid::new_v4().to_string())
            .expect("a UUID is shorter than 4064 bytes");
        match timeout(PROBE_TIMEOUT, self.0.load(&unknown)).await {
            Ok(Ok(_)) => "up",
            Ok(Err(_)) => "down",
            Err(_) => "not answering",
        }
    }
}

impl<S: SessionStore> SessionStore for Shared<S> {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let loaded = self.0.load(session_key).await;
        let loaded = loaded.inspect_err(|error| log_causes("load", error))?;
        set_session(loaded.is_some().then_some(session_key));
        Ok(loaded)
    }

    async fn save(
        &self,
        session_state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, SaveError> {
        let saved = self.0.save(session_state, ttl).await;
        let key = saved.inspect_err(|error| log_causes("save", error))?;
        set_session(Some(&key));
        Ok(key)
    }

    async fn update(
        &self,
        session_key: SessionKey,
        session_state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let updated = self.0.update(session_key, session_state, ttl).await;
        let key = updated.inspect_err(|error| log_causes("update", error))?;
        set_session(Some(&key));
        Ok(key)
    }

    async fn update_ttl(
        &self,
        session_key: &SessionKey,
        ttl: &time::Duration,
    ) -> Result<(), anyhow::Error> {
        let updated = self.0.update_ttl(session_key, ttl).await;
        updated.inspect_err(|error| log_failure("renew", error))
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let deleted = self.0.delete(session_key).await;
        deleted.inspect_err(|error| log_failure("delete", error))
    }
}

/// Logs the causes of `error`. The error itself, one of the trait's, only names the call.
fn log_causes(call: &str, error: &dyn std::error::Error) {
    let causes: Vec<String> = std::iter::successors(error.source(), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    log_failure(call, causes.join(": "));
}

/// Logs that a `call` of the store failed.
pub(crate) fn log_failure(call: &str, cause: impl Display) {
    log::error!(
        "session {call} failed: {cause} sessionID={}",
        session_for_log()
    );
}
