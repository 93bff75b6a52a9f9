//! The index of a user's sessions, which makes it unnecessary to search all sessions for those of one user.
//!
//! It is a sorted set for each user, `{prefix}-user:{user}`, with the prefix less its colon: no pattern for sessions
//! (`session:*`) finds it. A member is a session ID. Its score is the latest end of the session in milliseconds since
//! 1970. A session is written before it is added, so a member without a session has ended.
//!
//! Nothing stays for ever. Adding an entry removes expired ones, listing removes those of ended sessions, and the set
//! expires with its last entry. A session that can last for more than a day is added again once a day by each process
//! that uses it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{commands::Commands, error::RedisStoreError};
use crate::{Record, Timeouts, record};

/// How long an entry lasts at least. It lasts three idle timeouts if that is longer.
const HORIZON: Duration = Duration::from_secs(24 * 60 * 60);

/// Adds sessions to the indexes of their users. Clones share their memory.
#[derive(Debug, Clone)]
pub(super) struct UserIndex {
    timeouts: Timeouts,
    added: Arc<IndexCache>,
}

impl UserIndex {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            added: Arc::default(),
        }
    }

    /// Adds the session of `record`, if a user is logged in to it.
    pub(super) async fn add(
        &self,
        commands: &Commands,
        record: &Record,
    ) -> Result<(), RedisStoreError> {
        let Some(user) = &record.user else {
            return Ok(());
        };
        let remaining = self.timeouts.remaining(record.created_at, record::now());
        let ttl = self.horizon().into_iter().chain(remaining).min();
        commands.add_to_index(user, record.id, ttl).await?;
        if let Some(interval) = self.interval() {
            self.added.note(interval, record.id);
        }
        Ok(())
    }

    /// Keeps the session of `record`, which was just used, in the index for as long as it lasts.
    pub(super) async fn keep(
        &self,
        commands: &Commands,
        record: &Record,
    ) -> Result<(), RedisStoreError> {
        match self.interval() {
            Some(interval) if !self.added.was_added_within(interval, record.id) => {
                self.add(commands, record).await
            }
            _ => Ok(()),
        }
    }

    /// Returns how long an entry lasts, or `None` if it lasts for ever because sessions have no idle timeout.
    fn horizon(&self) -> Option<Duration> {
        self.timeouts.idle.0.map(|idle| HORIZON.max(3 * idle))
    }

    /// Returns how long after its entry a session must be added again, or `None` if the entry outlasts any session.
    ///
    /// A change may come up to an idle timeout after its load, and the session lasts for another one from then.
    fn interval(&self) -> Option<Duration> {
        let horizon = self.horizon()?;
        let absolute = self.timeouts.absolute.0;
        let outlasts = absolute.is_some_and(|absolute| absolute <= horizon);
        let idle = self.timeouts.idle.0.unwrap_or_default();
        (!outlasts).then(|| horizon.saturating_sub(2 * idle))
    }
}

/// Remembers when this process added each session that has to be added again.
#[derive(Debug, Default)]
struct IndexCache(Mutex<HashMap<Uuid, Instant>>);

impl IndexCache {
    fn was_added_within(&self, interval: Duration, id: Uuid) -> bool {
        let added = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        added.get(&id).is_some_and(|at| at.elapsed() < interval)
    }

    fn note(&self, interval: Duration, id: Uuid) {
        let mut added = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The map is about to double its size. Remove old entries only then, because that visits all of them.
        if added.len() == added.capacity() {
            added.retain(|_, at| at.elapsed() < interval);
        }
        added.insert(id, Instant::now());
    }
}
