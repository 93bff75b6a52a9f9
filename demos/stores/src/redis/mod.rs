//! Sessions in Redis, shared by all who ask the same one.
//!
//! - `options`: where Redis is, how long to wait for it, how keys begin
//! - `lease`: the one connection that a worker keeps
//! - `error`: what can go wrong, said so that it can be mended
//! - this file: the commands. Anonymous request 0 round trips, read 1, change 2.

mod error;
mod lease;
mod options;

use std::time::Duration as StdDuration;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use deadpool_redis::redis::{Cmd, cmd};
use time::OffsetDateTime;
use uuid::Uuid;

pub use error::RedisStoreError;
use lease::Lease;
pub use options::Options;

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record::{self, Malformed, Times},
};

/// The store's name, as pages and logs show it.
pub const NAME: &str = "redis";
/// What a server with this store is, for its `--help`.
pub const ABOUT: &str = "The demo with its sessions in Redis: restarts keep them, and every server sees them";

/// One Redis key for each session, `{prefix}{id}`, holding one [`Record`].
///
/// Refuses: an id it doesn't hold is no session, and a write needs a living one (`SET … XX`), so a request in flight at
/// logout cannot bring a session back. The idle timeout is the key's TTL, renewed by the read itself (`GETEX`, hence
/// Redis 6.2). The absolute timeout is checked at `load` and bounds the TTL at every write.
///
/// Each clone keeps one multiplexed connection, leased from the pool that all clones share, and gives it up for a fresh
/// one when it breaks. Each wait is bounded by [`Options`]' timeout. While Redis is down one request at a time finds
/// out whether it is back; the others fail at once.
///
/// Does not do: TLS, Sentinel, Cluster.
#[derive(Debug, Clone)]
pub struct RedisStore {
    lease: Lease,
    prefix: String,
    timeouts: Timeouts,
}

impl RedisStore {
    /// Connects, to find out at the start rather than at the first visitor whether Redis is there, lets us in and is
    /// recent enough.
    ///
    /// # Errors
    /// It isn't; see [`RedisStoreError`].
    pub async fn connect(options: Options) -> Result<Self, RedisStoreError> {
        let store = Self { lease: Lease::new(&options)?, prefix: options.session_prefix, timeouts: options.timeouts };
        store.lease.check(&store.redis_key(Uuid::nil())).await?;
        Ok(store)
    }

    fn redis_key(&self, id: Uuid) -> String {
        format!("{}{id}", self.prefix)
    }

    async fn read(&self, command: Cmd, id: Uuid) -> Result<Option<Record>, RedisStoreError> {
        let record = match self.lease.query::<Option<Vec<u8>>>(&command).await {
            Ok(Some(json)) => Record::read(id, &json),
            Ok(None) => return Ok(None),
            Err(RedisStoreError::Answer { reason, .. }) if reason.contains("WRONGTYPE") => Err(Malformed::NotText),
            Err(error) => return Err(error),
        };
        if let Err(error) = &record {
            log::warn!("Redis key {}{}…: {error}; left as it is, the visitor gets a new session", self.prefix, &id.to_string()[..8]);
        }
        Ok(record.ok())
    }

    /// Writes `record` on `condition` (`NX` or `XX`); false if that didn't hold.
    async fn write(&self, record: &Record, condition: &str, ttl: Option<StdDuration>) -> Result<bool, WriteError> {
        let mut set = cmd("SET");
        set.arg(self.redis_key(record.id)).arg(serde_json::to_vec(record)?).arg(condition);
        if let Some(ttl) = ttl {
            set.arg("PX").arg(millis(ttl));
        }
        Ok(self.lease.query::<Option<String>>(&set).await?.is_some())
    }

    /// How long a session may stay from now on: the shorter of both timeouts' remainders.
    fn ttl(&self, created: OffsetDateTime) -> Option<StdDuration> {
        let left = self.timeouts.left(created, record::now());
        self.timeouts.idle.0.into_iter().chain(left).min()
    }

    async fn remove(&self, id: Uuid) -> Result<(), RedisStoreError> {
        self.lease.query(cmd("DEL").arg(self.redis_key(id))).await
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(id) = id::parse(session_key) else { return Ok(None) };
        let command = match self.timeouts.idle.0 {
            Some(idle) => cmd("GETEX").arg(self.redis_key(id)).arg("PX").arg(millis(idle)).take(),
            None => Cmd::get(self.redis_key(id)),
        };
        let other = |error: RedisStoreError| LoadError::Other(error.into());
        match self.read(command, id).await.map_err(other)? {
            Some(record) if self.timeouts.over(record.created_at, record::now()) => {
                self.remove(id).await.map_err(other)?;
                Ok(None)
            }
            found => Ok(found.map(Record::into_state)),
        }
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let mut record = Record::saved(id::fresh(), session_state, record::now()).map_err(|e| SaveError::Serialization(e.into()))?;
        // NX: two sessions never share an id. A first attempt can find its own: applied, its answer lost, sent again.
        for _ in 0..2 {
            match self.write(&record, "NX", self.ttl(record.created_at)).await {
                Ok(true) => return Ok(id::key(record.id)),
                Ok(false) => record.id = id::fresh(),
                Err(error) => return Err(SaveError::Other(error.into())),
            }
        }
        Err(SaveError::Other(anyhow::anyhow!("two new session ids are taken already")))
    }

    async fn update(&self, session_key: SessionKey, mut session_state: State, _ttl: &Duration) -> Result<SessionKey, UpdateError> {
        let id = id::parse(&session_key).ok_or_else(|| UpdateError::Other(NotAnId.into()))?;
        let other = |error: RedisStoreError| UpdateError::Other(error.into());
        // A handler that clears the state clears the times too; the session is as old as it was all the same.
        let times = match Times::take(&mut session_state) {
            Some(times) => Some(times),
            None => self.read(Cmd::get(self.redis_key(id)), id).await.map_err(other)?.map(|record| record.times()),
        };
        let Some(times) = times else { return Ok(session_key) };
        let ttl = self.ttl(times.created_at);
        if ttl == Some(StdDuration::ZERO) {
            self.remove(id).await.map_err(other)?;
            return Ok(session_key);
        }
        let record = Record::updated(id, session_state, Some(times), record::now()).map_err(|e| UpdateError::Serialization(e.into()))?;
        self.write(&record, "XX", ttl).await.map_err(|error| UpdateError::Other(error.into()))?;
        Ok(session_key)
    }

    /// Nothing to do: `load` has renewed the idle timeout.
    async fn update_ttl(&self, _session_key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let Some(id) = id::parse(session_key) else { return Ok(()) };
        Ok(self.remove(id).await?)
    }
}

#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Redis(#[from] RedisStoreError),
}

/// Redis takes no TTL of zero.
fn millis(ttl: StdDuration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
