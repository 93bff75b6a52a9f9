//! The least that a session store can do: a map without timeouts and versions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::Result;
use server::State;
use uuid::Uuid;

#[derive(Clone, Default)]
pub(crate) struct PlainMemory(Arc<Mutex<HashMap<String, State>>>);

impl PlainMemory {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for PlainMemory {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(self.lock().get(key.as_ref()).cloned())
    }

    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        self.lock().insert(id.clone(), state);
        let key = SessionKey::try_from(id);
        key.map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.lock().insert(key.as_ref().to_owned(), state);
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<()> {
        self.lock().remove(key.as_ref());
        Ok(())
    }
}
