//! Exercise 2: a complete session store. It is a map behind a lock, with the five methods that
//! actix-session calls.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use counter::Counter;
use server::{Server, Settings, State};
use uuid::Uuid;

/// Each worker of the server has a clone of the store. The `Arc` lets all clones share one map.
#[derive(Clone, Default)]
struct MemoryStore {
    sessions: Arc<Mutex<HashMap<String, State>>>,
}

impl MemoryStore {
    /// Locks the map and returns it, even if another thread has panicked while it held the lock.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // --- YOUR TURN
    /// Returns the session with this ID, if there is one.
    fn get(&self, id: &str) -> Option<State> {
        // TODO: look into the map.
        None
    }

    /// Stores `state` as the session with this ID.
    fn set(&self, id: &str, state: State) {
        // TODO: change the map.
    }
    // --- UNTIL HERE
}

impl SessionStore for MemoryStore {
    /// Returns an empty session for an unknown ID, so that the visitor's cookie stays valid.
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(Some(self.get(key.as_ref()).unwrap_or_default()))
    }

    /// Stores a new session under a new ID.
    async fn save(&self, state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        self.set(&id, state);
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    /// Stores a session that was loaded and has changed.
    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.set(key.as_ref(), state);
        Ok(key)
    }

    /// Does nothing: sessions in this store don't expire.
    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        self.lock().remove(key.as_ref());
        Ok(())
    }
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let server = Server::bind(Settings::from_env())?;
        Ok(server
            .serve("memory", MemoryStore::default(), Counter)
            .await?)
    })
    .await;
}
