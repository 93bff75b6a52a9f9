//! Sessions in the visitor's own cookie: the server keeps nothing.
//!
//! What that buys is in the matrix: restarts, further instances and dead ones don't matter to it. What it costs:
//!
//! - **No end by the server.** A cookie that was valid once stays so until its timeouts are over: after a logout, a
//!   renewal or a change, whoever kept a copy goes on with the session as it was. Logging out only asks the browser to forget.
//! - **About 2.6 KB of data**, sent with every request.
//! - **The visitor reads it.** It is signed, so nobody else can write it, and not encrypted:
//!   `cut -d. -f2 | base64 -d` shows it.
//! - **Of two requests at once the last answer wins**, with all that it knew of the session.

use std::{convert::Infallible, time::Duration as StdDuration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record,
    reserved::{Ask, Reserved},
};

/// The store's name, as pages and logs show it.
pub const NAME: &str = "cookie";
/// What a server with this store is, for its `--help`.
pub const ABOUT: &str =
    "The demo with its sessions in the visitors' cookies: nothing to share, and nothing to end";

/// The longest session key, in bytes. Browsers take 4096 for a cookie (RFC 6265, section 6.1), name and attributes
/// included; this leaves 256 for `__Host-sessionID`, for a signature of 44 that may be percent-encoded, and for
/// attributes with a domain of 60.
const LONGEST: usize = 3840;

/// The part of the idle timeout after which the cookie is given anew to a visitor who only reads. Given with every answer,
/// it would let each reading request in flight take back what another one changes.
const FRESH: u32 = 10;

/// The options of a [`CookieStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Makes the store. `_port` tells other stores where to keep what this one gives away.
    ///
    /// # Errors
    /// None: there is nothing to open.
    #[expect(
        clippy::unused_async,
        reason = "opened in the same way as the stores that have to wait"
    )]
    pub async fn open(self, _port: u16) -> Result<CookieStore, Infallible> {
        Ok(CookieStore::new(self.timeouts))
    }
}

/// The session key is the session: its id, a dot, and its [`Record`] as base64 (RFC 4648, section 5, without padding).
///
/// So every change is a new key, which the middleware puts into the cookie; the id in front stays the same, until a renewal.
/// Both timeouts are in the signed value, and a cookie is refused that is too old, whatever the browser thinks. What is
/// no such key is refused. A session that has grown too large is an error, and the visitor keeps the one that was.
///
/// The idle timeout counts from when the cookie was last given: at a change, and, with [`follow`](crate::follow), when a
/// visitor reads and a tenth of it has gone by. Without `follow`, reading does not keep a session alive.
///
/// Does not do: any end on the server's side, as the [module](self) says.
#[derive(Debug, Clone)]
pub struct CookieStore {
    timeouts: Timeouts,
}

/// The session is too large for a cookie: the browser would drop it, and with it the session.
#[derive(Debug, thiserror::Error)]
#[error(
    "the session has grown to {0} bytes, and a cookie has room for {LONGEST}; keep less in it, or keep sessions in Redis"
)]
pub struct TooLarge(usize);

impl CookieStore {
    /// A store.
    #[must_use]
    pub fn new(timeouts: Timeouts) -> Self {
        Self { timeouts }
    }

    /// The session in `key`, unless its time is over.
    fn living(&self, key: &SessionKey, now: OffsetDateTime) -> Option<Record> {
        opened(key).filter(|record| lives(record, &self.timeouts, now))
    }

    /// Whether `record` was given to the visitor a while ago.
    fn stale(&self, record: &Record, now: OffsetDateTime) -> bool {
        self.timeouts
            .idle
            .0
            .is_some_and(|idle| unused(record, now) >= idle / FRESH)
    }
}

/// The session that `key` is, whatever its times.
pub(crate) fn opened(key: &SessionKey) -> Option<Record> {
    let (id, sealed) = key.as_ref().split_once('.')?;
    let id = Uuid::try_parse(id)
        .ok()
        .filter(|parsed| parsed.hyphenated().to_string() == id)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
    Record::read(id, &json).ok()
}

/// Whether neither timeout of `record` is over.
pub(crate) fn lives(record: &Record, timeouts: &Timeouts, now: OffsetDateTime) -> bool {
    !timeouts.over(record.created_at, now)
        && timeouts
            .idle
            .0
            .is_none_or(|idle| unused(record, now) < idle)
}

/// How long ago `record` was given to the visitor.
fn unused(record: &Record, now: OffsetDateTime) -> StdDuration {
    StdDuration::try_from(now - record.updated_at).unwrap_or_default()
}

/// `record` as a key.
fn sealed(record: &Record) -> Result<SessionKey, TooLarge> {
    let json = serde_json::to_vec(record).expect("a record is always JSON");
    let key = format!("{}.{}", record.id, BASE64_URL_SAFE_NO_PAD.encode(json));
    let length = key.len();
    if length > LONGEST {
        Err(TooLarge(length))
    } else {
        Ok(key.try_into().expect("it is shorter than 4064 bytes"))
    }
}

impl SessionStore for CookieStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let now = record::now();
        Ok(self.living(session_key, now).map(|record| {
            let stale = self.stale(&record, now);
            record.into_state(stale)
        }))
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let record = Record::saved(id::fresh(), session_state, record::now())
            .map_err(|e| SaveError::Serialization(e.into()))?;
        sealed(&record).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        session_state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let now = record::now();
        let Some(present) = opened(&session_key) else {
            // An id alone is another store's session, which isn't here.
            return id::parse(&session_key)
                .map(|_| session_key)
                .ok_or_else(|| UpdateError::Other(NotAnId.into()));
        };
        let Reserved { loaded, ask } = Reserved::of(&session_state);
        // A session that was loaded was in time for its idle timeout then.
        let living = match loaded {
            Some(_) => !self.timeouts.over(present.created_at, now),
            None => lives(&present, &self.timeouts, now),
        };
        if !living && !matches!(ask, Some(Ask::SignIn(_))) {
            return Ok(session_key);
        }
        let record = Record::updated(present.id, session_state, Some(present.origin()), now);
        let record = record.map_err(|error| UpdateError::Serialization(error.into()))?;
        sealed(&record).map_err(|error| UpdateError::Other(error.into()))
    }

    /// Nothing to do: a cookie is given by `update` alone.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// Nothing that could be done: the middleware asks the browser to forget the cookie.
    async fn delete(&self, _session_key: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(())
    }
}
