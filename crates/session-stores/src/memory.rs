//! Sessions in a map of this process. The smallest store: read this one first.

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

/// The store's name, as pages and logs show it.
pub const NAME: &str = "memory";
/// What a server with this store is, for its `--help`.
pub const ABOUT: &str =
    "The demo with its sessions in the server's own memory: a restart loses them";

/// The options of a [`MemoryStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Makes the store. `_port` tells other stores where to keep what this one forgets.
    ///
    /// # Errors
    /// None: memory is always there.
    #[expect(
        clippy::unused_async,
        reason = "opened in the same way as the stores that have to wait"
    )]
    pub async fn open(self, _port: u16) -> Result<MemoryStore, Infallible> {
        Ok(MemoryStore::new(self.timeouts))
    }
}

/// A map from id to session, shared by its clones: by the workers of one process, and by nothing else.
///
/// Adopts: an id it doesn't hold gets an empty session. Expired sessions go when they are met, and whenever the map has
/// doubled since it was last swept.
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
    /// An empty store.
    #[must_use]
    pub fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            sessions: Arc::default(),
        }
    }

    /// How many sessions the map holds, those included that have expired and were not swept yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Whether the map holds no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn living(&self, entry: &Entry) -> bool {
        let idle = self
            .timeouts
            .idle
            .0
            .is_some_and(|limit| entry.used.elapsed() >= limit);
        !idle && !self.timeouts.over(entry.record.created_at, record::now())
    }

    /// No method leaves the map half changed, so a panic elsewhere is no reason to stop serving it.
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, sessions: &mut Sessions, record: Record) {
        if sessions.by_id.len() >= sessions.sweep_at {
            sessions.by_id.retain(|_, entry| self.living(entry));
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
        let Some(id) = id::parse(session_key) else {
            return Ok(None);
        };
        let mut sessions = self.lock();
        match sessions.by_id.get_mut(&id) {
            Some(entry) if self.living(entry) => {
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
        let id = id::parse(&session_key).ok_or_else(|| UpdateError::Other(NotAnId.into()))?;
        if self.timeouts.over_since_load(&session_state, record::now()) {
            return Ok(session_key);
        }
        let mut sessions = self.lock();
        let present = sessions
            .by_id
            .get(&id)
            .filter(|entry| self.living(entry))
            .map(|entry| entry.record.origin());
        let record = Record::updated(id, session_state, present, record::now())
            .map_err(|e| UpdateError::Serialization(e.into()))?;
        let key = id::key(record.id);
        if record.id != id {
            sessions.by_id.remove(&id);
        }
        self.insert(&mut sessions, record);
        Ok(key)
    }

    /// Nothing to do: `load` has renewed the idle timeout.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        if let Some(id) = id::parse(session_key) {
            self.lock().by_id.remove(&id);
        }
        Ok(())
    }
}
