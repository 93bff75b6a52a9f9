//! Sessions in Redis, shared by all who ask the same one.
//!
//! - `options`: where Redis is, how long to wait for it, how keys begin
//! - `lease`: the one connection that a worker keeps
//! - `error`: what can go wrong, said so that it can be mended
//! - `keys`: the commands on the key of one session
//! - `alias`: what an old id leads to
//! - `renewal`: a session gets a new id
//! - `migration`: a session that lived in its visitor's cookie so far
//! - `users`: which sessions a user has; `listed`: they are listed and ended
//! - this file: the store. Anonymous request 0 round trips, read 1, change 2.

mod alias;
mod error;
mod keys;
mod lease;
mod listed;
mod migration;
mod options;
mod renewal;
mod users;

use std::{sync::Arc, time::Duration as StdDuration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use deadpool_redis::redis::{Cmd, cmd};
use uuid::Uuid;

pub use error::RedisStoreError;
use keys::WriteError;
use lease::Lease;
pub use listed::Listed;
use migration::Carried;
pub use options::Options;
use users::Entered;

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record,
    reserved::{Ask, Loaded, Reserved, fingerprint},
};

/// The store's name, as pages and logs show it.
pub const NAME: &str = "redis";
/// What a server with this store is, for its `--help`.
pub const ABOUT: &str =
    "The demo with its sessions in Redis: restarts keep them, and every server sees them";

/// One Redis key for each session, `{prefix}{id}`, holding one [`Record`].
///
/// Refuses: an id it doesn't hold is no session, and a write needs a living one (`SET … XX`), so a request in flight at
/// logout cannot bring a session back. The idle timeout is the key's TTL, renewed by the read itself (`GETEX`, hence
/// Redis 6.2). The absolute timeout is checked at `load` and bounds the TTL at every write.
///
/// Under an id that was renewed lies a hash for a while, which leads to the present one: a request in flight cannot write
/// over it, and ends the session where it is now if it is a logout. After [`rotate`](crate::rotate) alone a visitor with
/// the old id is led there too.
///
/// The sessions that a user has signed in to are in an index, see [`sessions_of`](Self::sessions_of).
///
/// With [`migrate_cookies`](Options::migrate_cookies) a session that a visitor brings in a cookie of
/// [`CookieStore`](crate::CookieStore) is carried over, once: at the first change, or, with [`follow`](crate::follow), at
/// the first request. Entries, beginning and user are kept; the cookie, and every older one with the same id, then brings
/// nothing any more, nor after a logout. Of two requests at once the second follows the first, as after a rotation.
/// Otherwise such a cookie is an id that this store doesn't hold. What a server with a `CookieStore` hands out after that
/// could be carried over again, so end the last of those first; then leave it on until the timeouts of all cookies are over.
///
/// Each clone keeps one multiplexed connection, leased from the pool that all clones share, and gives it up for a fresh
/// one when it breaks. Each wait is bounded by [`Options`]' timeout. While Redis is down one request at a time finds
/// out whether it is back; the others fail at once.
///
/// Every command touches one key. Does not do: TLS, Sentinel, Cluster.
#[derive(Debug, Clone)]
pub struct RedisStore {
    lease: Lease,
    prefix: String,
    timeouts: Timeouts,
    rotation_grace: StdDuration,
    migrate_cookies: bool,
    entered: Arc<Entered>,
}

impl RedisStore {
    /// Connects, to find out at the start rather than at the first visitor whether Redis is there, lets us in and is
    /// recent enough.
    ///
    /// # Errors
    /// It isn't; see [`RedisStoreError`].
    pub async fn connect(options: Options) -> Result<Self, RedisStoreError> {
        let lease = Lease::new(&options)?;
        let Options {
            session_prefix,
            timeouts,
            rotation_grace,
            migrate_cookies,
            ..
        } = options;
        let store = Self {
            lease,
            prefix: session_prefix,
            timeouts,
            rotation_grace,
            migrate_cookies,
            entered: Arc::default(),
        };
        // Boxed: it is large, and so would be every future that opens a store.
        Box::pin(store.lease.check(&store.redis_key(Uuid::nil()))).await?;
        Ok(store)
    }

    /// Writes `state`, and returns the id that the session has then; `None` if it has ended.
    async fn write(
        &self,
        key: &SessionKey,
        state: State,
        loaded: Option<Loaded>,
        ask: Option<Ask>,
    ) -> Result<Option<Uuid>, WriteError> {
        let id = match id::parse(key) {
            Some(id) => id,
            None => match self
                .carry_over(key, &state, loaded.as_ref(), ask.as_ref())
                .await?
            {
                Some(Carried::Now(new)) => return Ok(Some(new)),
                Some(Carried::Before(id)) => id,
                None => return Err(NotAnId.into()),
            },
        };
        match ask {
            None => self.change(id, state, loaded).await,
            Some(Ask::Follow) => Ok(self.present(id).await?),
            Some(Ask::Rotate { unchanged }) if unchanged == Some(fingerprint(&state)) => {
                self.rotate_as_it_is(id).await
            }
            Some(Ask::Rotate { .. }) => self.rotate(id, state, loaded).await,
            Some(Ask::Renew) => self.renew(id, state, loaded).await,
            Some(Ask::SignIn(user)) => self.sign_in(id, state, loaded, user).await.map(Some),
        }
    }

    /// The state of the session that a visitor with `id` has. `moved`: the cookie has another id.
    async fn state(&self, id: Uuid, moved: bool) -> Result<Option<State>, RedisStoreError> {
        let read = |at| match self.timeouts.idle.0 {
            Some(idle) => cmd("GETEX")
                .arg(self.redis_key(at))
                .arg("PX")
                .arg(keys::millis(idle))
                .take(),
            None => Cmd::get(self.redis_key(at)),
        };
        match self.find(id, read).await? {
            Some(record) if self.timeouts.over(record.created_at, record::now()) => {
                self.end_session(record.id).await?;
                Ok(None)
            }
            Some(record) => {
                self.stay_entered(&record).await?;
                let moved = moved || record.id != id;
                Ok(Some(record.into_state(moved)))
            }
            None => Ok(None),
        }
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let state = match id::parse(session_key) {
            Some(id) => self.state(id, false).await,
            None => self.state_in_cookie(session_key).await,
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
            Ok(present) => Ok(present.map_or(session_key, id::key)),
            Err(WriteError::Json(error)) => Err(UpdateError::Serialization(error.into())),
            Err(error) => Err(UpdateError::Other(error.into())),
        }
    }

    /// Nothing to do: `load` has renewed the idle timeout.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// Ends the session, also if its id was renewed after it was loaded.
    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        match id::parse(session_key) {
            Some(id) => self.end_session(id).await.map(drop)?,
            None => self.end_in_cookie(session_key).await?,
        }
        Ok(())
    }
}
