//! Exercise 2. A session store, whole: a map behind a lock, and the five calls that actix-session makes of a store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use counter::Counter;
use server::{Server, Settings};
use session_stores::State;
use uuid::Uuid;

/// Each worker of the server has a clone of the store. `Arc`: all clones have the one map.
#[derive(Clone, Default)]
struct MemoryStore {
    sessions: Arc<Mutex<HashMap<String, State>>>,
}

impl MemoryStore {
    /// The map, for as long as nobody else needs it. A panic elsewhere doesn't keep us from it.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // --- YOUR TURN
    /// The session with this id, if there is one.
    fn get(&self, id: &str) -> Option<State> {
        let _ = id;
        None
    }

    /// Keeps `state` as the session with this id.
    fn set(&self, id: &str, state: State) {
        let _ = (id, state);
    }
    // --- UNTIL HERE
}

impl SessionStore for MemoryStore {
    /// An id without a session gets an empty one: the visitor's cookie stays as it is.
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(Some(self.get(key.as_ref()).unwrap_or_default()))
    }

    /// A session that has no id yet.
    async fn save(&self, state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        self.set(&id, state);
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    /// A session that was loaded, and has changed since.
    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.set(key.as_ref(), state);
        Ok(key)
    }

    /// This store has no expiry.
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
