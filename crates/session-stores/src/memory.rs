//! Sessions in the memory of this process. This is the smallest store: read it first.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use uuid::Uuid;

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record,
};

/// The store's name in pages and logs.
pub const NAME: &str = "memory";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in the server's own memory: a restart loses them";

/// The options of a [`MemoryStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Creates the store. Only the file store uses the server's port.
    #[expect(clippy::unused_async, reason = "other stores wait here")]
    #[expect(clippy::missing_errors_doc, reason = "there are none")]
    pub async fn open(self, _port: u16) -> Result<MemoryStore, Infallible> {
        Ok(MemoryStore::new(self.timeouts))
    }
}

/// A map from session ID to session. All clones share it, so the workers of one process do.
///
/// It is permissive: an unknown ID gets an empty session. It removes an expired session when a request asks for it, and
/// all expired sessions whenever the map has doubled in size.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    timeouts: Timeouts,
    sessions: Arc<Mutex<Sessions>>,
}

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<Uuid, Entry>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Entry {
    record: Record,
    used: Instant,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            sessions: Arc::default(),
        }
    }

    /// Returns how many sessions the map holds, including expired ones that it has not removed yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Returns whether the map holds no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn is_active(&self, entry: &Entry) -> bool {
        let Timeouts { idle, .. } = self.timeouts;
        idle.0.is_none_or(|limit| entry.used.elapsed() < limit)
            && !self
                .timeouts
                .is_expired(entry.record.created_at, record::now())
    }

    /// Locks the map, even after a panic: no method leaves it half changed.
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, sessions: &mut Sessions, record: Record) {
        if sessions.by_id.len() >= sessions.sweep_at {
            sessions.by_id.retain(|_, entry| self.is_active(entry));
            sessions.sweep_at = (2 * sessions.by_id.len()).max(64);
        }
        sessions.by_id.insert(
            record.id,
            Entry {
                record,
                used: Instant::now(),
            },
        );
    }
}

impl SessionStore for MemoryStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(id) = id::parse(session_key.as_ref()) else {
            return Ok(None);
        };
        let mut sessions = self.lock();
        match sessions.by_id.get_mut(&id) {
            Some(entry) if self.is_active(entry) => {
                entry.used = Instant::now();
                Ok(Some(entry.record.clone().into_state(false)))
            }
            _ => {
                sessions.by_id.remove(&id);
                Ok(Some(State::new()))
            }
        }
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = id::fresh();
        let record = Record::saved(id, session_state, record::now())
            .map_err(|e| SaveError::Serialization(e.into()))?;
        self.insert(&mut self.lock(), record);
        Ok(id::key(id))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        session_state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let id =
            id::parse(session_key.as_ref()).ok_or_else(|| UpdateError::Other(NotAnId.into()))?;
        if self
            .timeouts
            .has_expired_since_load(&session_state, record::now())
        {
            return Ok(session_key);
        }
        let mut sessions = self.lock();
        let current = sessions
            .by_id
            .get(&id)
            .filter(|entry| self.is_active(entry))
            .map(|entry| entry.record.metadata());
        let record = Record::updated(id, session_state, current, record::now())
            .map_err(|e| UpdateError::Serialization(e.into()))?;
        let key = id::key(record.id);
        if record.id != id {
            sessions.by_id.remove(&id);
        }
        self.insert(&mut sessions, record);
        Ok(key)
    }

    /// Does nothing: `load` has already renewed the idle timeout.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        if let Some(id) = id::parse(session_key.as_ref()) {
            self.lock().by_id.remove(&id);
        }
        Ok(())
    }
}
