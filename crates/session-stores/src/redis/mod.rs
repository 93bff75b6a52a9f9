//! Sessions in Redis, shared by all instances that use the same Redis.
//!
//! From the bottom up:
//! - `options`: the settings; `error`: the errors
//! - `connection`: the one connection that a worker keeps
//! - `redirect`: the redirect from an old session ID to the next one
//! - `commands`: the Redis commands
//! - `user_index`: which sessions a user has
//! - `store`: loading, writing and ending a session
//! - `renewal`: giving it a new ID; `import`: taking it from a cookie; `revocation`: listing and revoking a user's
//!   sessions
//! - this file: the trait. An anonymous request sends no command, a read one, a change two.

mod commands;
mod connection;
mod error;
mod import;
mod options;
mod redirect;
mod renewal;
mod revocation;
mod store;
mod user_index;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use uuid::Uuid;

pub use error::RedisStoreError;
use import::Imported;
pub use options::Options;
pub use revocation::SessionInfo;
pub use store::RedisStore;
use store::WriteError;

use crate::{
    Record, State,
    id::{self, NotAnId},
    metadata::Metadata,
    record,
    reserved::{Ask, Loaded, Reserved, fingerprint},
};

/// The store's name in pages and logs.
pub const NAME: &str = "redis";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in Redis: restarts keep them, and every server sees them";

impl Options {
    /// Connects to Redis. Only the file store uses the server's port.
    ///
    /// # Errors
    /// Returns an error if Redis can't be reached, rejects the password, or is older than 6.2.
    pub async fn open(self, _port: u16) -> Result<RedisStore, RedisStoreError> {
        RedisStore::connect(self).await
    }
}

impl RedisStore {
    /// Writes `state`, and returns the ID that the session has then. Returns `None` if the session has ended.
    async fn write(
        &self,
        key: &SessionKey,
        state: State,
        loaded: Option<Loaded>,
        ask: Option<Ask>,
    ) -> Result<Option<Uuid>, WriteError> {
        let id = match id::parse(key.as_ref()) {
            Some(id) => id,
            None => match self
                .import(key, &state, loaded.as_ref(), ask.as_ref())
                .await?
            {
                Some(Imported::Now(new)) => return Ok(Some(new)),
                Some(Imported::Before(id)) => id,
                None => return Err(NotAnId.into()),
            },
        };
        let now = record::now();
        let fingerprint = fingerprint(&state);
        // Its metadata is replaced by that of the stored session.
        let record = Record::new(id, state, Metadata::new(None, now), now)?;
        match ask {
            None => self.overwrite(record, loaded).await,
            Some(Ask::Follow) => Ok(self.current_id(id).await?),
            Some(Ask::Rotate { unchanged }) if unchanged == Some(fingerprint) => {
                self.rotate_unchanged(id).await
            }
            Some(Ask::Rotate { .. }) => self.rotate(record, loaded).await,
            Some(Ask::Renew) => self.renew(record, loaded).await,
            Some(Ask::SignIn(user)) => self.sign_in(record, loaded, user).await.map(Some),
        }
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let state = match id::parse(session_key.as_ref()) {
            Some(id) => self.load_by_id(id, false).await,
            None => self.load_from_cookie(session_key).await,
        };
        state.map_err(|error| LoadError::Other(error.into()))
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let mut record = Record::saved(id::fresh(), session_state, record::now())
            .map_err(|e| SaveError::Serialization(e.into()))?;
        self.create(&mut record)
            .await
            .map_err(|error| SaveError::Other(error.into()))?;
        Ok(id::key(record.id))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        mut session_state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let Reserved { loaded, ask } = Reserved::take(&mut session_state);
        match self.write(&session_key, session_state, loaded, ask).await {
            Ok(current) => Ok(current.map_or(session_key, id::key)),
            Err(WriteError::Json(error)) => Err(UpdateError::Serialization(error.into())),
            Err(error) => Err(UpdateError::Other(error.into())),
        }
    }

    /// Does nothing: `load` has already renewed the idle timeout.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// Ends the session, even if its ID was renewed after it was loaded.
    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        match id::parse(session_key.as_ref()) {
            Some(id) => self.end_session(id).await.map(drop)?,
            None => self.end_in_cookie(session_key).await?,
        }
        Ok(())
    }
}
