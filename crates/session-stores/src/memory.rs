//! Sessions in the memory of this process. If you write your own store, read the source of this one first.

use std::{
    collections::{HashMap, hash_map::Entry as MapEntry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use uuid::Uuid;

use crate::{Loaded, OldId, Record, Saved, Store, StoreError, Timeouts, id, record};

/// A map from session ID to session. All clones share one map, so give each worker of a server a clone.
///
/// It is permissive: an unknown ID gets an empty session. It removes an expired session when a request asks for it. It
/// removes all expired sessions whenever the map has doubled in size since the last removal.
///
/// ```
/// use session_stores::{MemoryStore, Timeouts};
/// let store = MemoryStore::new(Timeouts::default());
/// let same_sessions = store.clone();
/// assert!(same_sessions.is_empty());
/// ```
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
    pub fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            sessions: Arc::default(),
        }
    }

    /// Returns how many sessions the map holds, including expired ones that it has not removed yet.
    pub fn len(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Returns whether the map holds no session.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Replaces the session `old` by `record`, which may have a new ID, if its version is still the one that was
    /// `read`. `None` means that there must be no such session.
    fn replace(&self, old: Uuid, read: Option<u64>, record: &Record) -> Result<Saved, StoreError> {
        record.check_size()?;
        let mut sessions = self.lock();
        let current = sessions.active(old, &self.timeouts);
        if let Some(refused) = Saved::refusal(current.as_ref().map(|entry| &entry.record), read) {
            return Ok(refused);
        }
        match current {
            Some(entry) if record.id == old => *entry = Entry::new(record),
            _ => {
                sessions.by_id.remove(&old);
                sessions.insert(record, &self.timeouts);
            }
        }
        Ok(Saved::Written(record.id.to_string()))
    }

    /// Locks the map, even after a panic: no method leaves it half changed.
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    /// Returns the session under `id`. Removes it if it has expired.
    fn active(&mut self, id: Uuid, timeouts: &Timeouts) -> Option<&mut Entry> {
        match self.by_id.entry(id) {
            MapEntry::Occupied(entry) if entry.get().is_active(timeouts) => Some(entry.into_mut()),
            MapEntry::Occupied(expired) => {
                expired.remove();
                None
            }
            MapEntry::Vacant(_) => None,
        }
    }

    fn insert(&mut self, record: &Record, timeouts: &Timeouts) {
        if self.by_id.len() >= self.sweep_at {
            self.by_id.retain(|_, entry| entry.is_active(timeouts));
            self.sweep_at = (2 * self.by_id.len()).max(64);
        }
        self.by_id.insert(record.id, Entry::new(record));
    }
}

impl Entry {
    fn new(record: &Record) -> Self {
        Self {
            record: record.clone(),
            used: Instant::now(),
        }
    }

    fn is_active(&self, timeouts: &Timeouts) -> bool {
        timeouts
            .idle
            .is_none_or(|limit| self.used.elapsed() < limit)
            && !timeouts.is_expired(&self.record, record::now())
    }
}

impl Store for MemoryStore {
    fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        let Some(id) = id::parse(key) else {
            return Ok(None);
        };
        Ok(Some(match self.lock().active(id, &self.timeouts) {
            Some(entry) => {
                entry.used = Instant::now();
                Loaded::stored(entry.record.clone())
            }
            None => Loaded::unknown(id, &self.timeouts),
        }))
    }

    async fn create(&self, record: &Record) -> Result<Saved, StoreError> {
        self.replace(record.id, None, record)
    }

    async fn save(&self, record: &Record, read: u64) -> Result<Saved, StoreError> {
        self.replace(record.id, Some(read), record)
    }

    async fn rotate(&self, record: &Record, old: &Loaded, _: OldId) -> Result<Saved, StoreError> {
        self.replace(old.record.id, old.version, record)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        if let Some(id) = id::parse(key) {
            self.lock().by_id.remove(&id);
        }
        Ok(())
    }
}
