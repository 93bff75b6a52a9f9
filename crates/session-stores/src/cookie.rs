//! Sessions in the visitor's own cookie: the server keeps nothing.
//!
//! So sessions survive restarts and crashes, and every instance with the same secret knows them. It has a price:
//!
//! - **The server can't end a session.** A cookie stays valid until its timeouts pass. After a logout, a renewal or a
//!   change, a copy of the older cookie still works. Logging out only asks the browser to delete it.
//! - **There is room for about 2.6 KB of data**, which the browser sends with every request.
//! - **The visitor can read it.** The cookie is signed, so that only the server can write it. It is not encrypted:
//!   `cut -d. -f2 | base64 -d` shows its content.
//! - **If two requests run at once, the last response wins**, and the changes of the other one are lost.

use std::{convert::Infallible, time::Duration as StdDuration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record,
    reserved::{Ask, Reserved},
};

/// The store's name in pages and logs.
pub const NAME: &str = "cookie";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in the visitors' cookies: nothing to share, and nothing to end";

/// Maximum length of a session key in bytes.
///
/// Browsers accept 4096 bytes for a cookie with its name and attributes (RFC 6265, section 6.1). This leaves 256 for
/// the name `__Host-sessionID`, a percent-encoded signature, and attributes with a domain of 60 characters.
const MAX_LENGTH: usize = 3840;

/// A visitor who only reads gets a new cookie after this fraction of the idle timeout. With a new cookie in every
/// response, each reading request in flight could undo the change of another one.
const REFRESH_FRACTION: u32 = 10;

/// The options of a [`CookieStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Creates the store. Only the file store uses the server's port.
    #[expect(clippy::unused_async, reason = "other stores wait here")]
    #[expect(clippy::missing_errors_doc, reason = "there are none")]
    pub async fn open(self, _port: u16) -> Result<CookieStore, Infallible> {
        Ok(CookieStore::new(self.timeouts))
    }
}

/// A store whose session key is the session: its ID, a dot, and its [`Record`] as base64 (RFC 4648, section 5, without
/// padding).
///
/// Every change gives a new key, which the middleware puts into the cookie. The ID in front of it only changes at a
/// renewal. The store checks both timeouts by the signed times, even if the browser keeps the cookie for longer. It
/// rejects every other key. A session that has grown too large is an error, and the visitor keeps the previous one.
///
/// The idle timeout counts from when the visitor last got the cookie. That happens at a change. With
/// [`follow`](crate::follow) it also happens when a visitor reads after a tenth of the timeout. Without `follow`,
/// reading does not keep a session alive.
///
/// The server can't end a session, as the [module](self) explains.
#[derive(Debug, Clone)]
pub struct CookieStore {
    timeouts: Timeouts,
}

/// The error for a session that is too large for a cookie. The browser would drop the cookie.
#[derive(Debug, thiserror::Error)]
#[error(
    "the session has grown to {0} bytes, and a cookie has room for {MAX_LENGTH}; keep less in it, or keep sessions in Redis"
)]
pub struct TooLarge(usize);

impl CookieStore {
    /// Creates a store.
    #[must_use]
    pub fn new(timeouts: Timeouts) -> Self {
        Self { timeouts }
    }

    /// Returns whether a visitor who reads should get a new cookie.
    fn is_stale(&self, record: &Record, now: OffsetDateTime) -> bool {
        let idle = self.timeouts.idle.0;
        idle.is_some_and(|idle| unused(record, now) >= idle / REFRESH_FRACTION)
    }
}

/// Returns the session in `key`, even if it has expired.
pub(crate) fn decode(key: &SessionKey) -> Option<Record> {
    let (id, base64) = key.as_ref().split_once('.')?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(base64).ok()?;
    Record::read(id::parse(id)?, &json).ok()
}

/// Returns whether neither timeout of `record` has passed.
pub(crate) fn is_active(record: &Record, timeouts: &Timeouts, now: OffsetDateTime) -> bool {
    let idle = timeouts.idle.0;
    !timeouts.is_expired(record.created_at, now)
        && idle.is_none_or(|idle| unused(record, now) < idle)
}

/// Returns how long ago the visitor got `record`.
fn unused(record: &Record, now: OffsetDateTime) -> StdDuration {
    StdDuration::try_from(now - record.updated_at).unwrap_or_default()
}

/// Returns `record` as a session key.
fn encode(record: &Record) -> Result<SessionKey, TooLarge> {
    let json = serde_json::to_vec(record).expect("a record is always JSON");
    let key = format!("{}.{}", record.id, BASE64_URL_SAFE_NO_PAD.encode(json));
    let length = key.len();
    if length > MAX_LENGTH {
        Err(TooLarge(length))
    } else {
        Ok(key.try_into().expect("it is shorter than 4064 bytes"))
    }
}

impl SessionStore for CookieStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let now = record::now();
        let record = decode(session_key).filter(|record| is_active(record, &self.timeouts, now));
        Ok(record.map(|record| {
            let stale = self.is_stale(&record, now);
            record.into_state(stale)
        }))
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let record = Record::saved(id::fresh(), session_state, record::now())
            .map_err(|e| SaveError::Serialization(e.into()))?;
        encode(&record).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        session_state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let now = record::now();
        let Some(current) = decode(&session_key) else {
            // A mere ID is the session of another store.
            return id::parse(session_key.as_ref())
                .map(|_| session_key)
                .ok_or_else(|| UpdateError::Other(NotAnId.into()));
        };
        let Reserved { loaded, ask } = Reserved::of(&session_state);
        // A session that was loaded had not reached its idle timeout then.
        let active = match loaded {
            Some(_) => !self.timeouts.is_expired(current.created_at, now),
            None => is_active(&current, &self.timeouts, now),
        };
        if !active && !matches!(ask, Some(Ask::SignIn(_))) {
            return Ok(session_key);
        }
        let record = Record::updated(current.id, session_state, Some(current.metadata()), now);
        let record = record.map_err(|error| UpdateError::Serialization(error.into()))?;
        encode(&record).map_err(|error| UpdateError::Other(error.into()))
    }

    /// Does nothing: only `update` can send a new cookie.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// Does nothing: the middleware asks the browser to delete the cookie.
    async fn delete(&self, _session_key: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(())
    }
}
