//! Sessions in the visitor's own cookie: the server keeps nothing.
//!
//! So sessions survive restarts and crashes, and every instance with the same secret knows them. It has a price:
//!
//! - **The server can't end a session.** A cookie stays valid until its timeouts pass. After a logout, a rotation or a
//!   change, a copy of the older cookie still works. Logging out only asks the browser to delete it.
//! - **There is room for about 2.6 KB of data**, which the browser sends with every request.
//! - **The visitor can read it**, unless the middleware encrypts the cookie. If the middleware only signs it, only the
//!   server can write it, but the part after the dot is JSON in base64url. Encryption takes almost a third of the room.
//! - **If two requests run at once, the last response wins**, and the changes of the other one are lost. The server
//!   can't know which version is the newest, so the store accepts every write.
//! - **Reading alone doesn't keep a session alive.** The idle timeout counts from the last change, because only a
//!   change gives the visitor a new cookie. If a read gave a cookie too, it could overwrite the newer cookie of a
//!   request that changes the session.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use crate::{Loaded, OldId, Record, Saved, Store, StoreError, Timeouts, id, record};

/// Maximum length of a session key in bytes.
///
/// Browsers accept 4096 bytes for a cookie with its name and attributes (RFC 6265, section 6.1). This leaves 256 for
/// the name `__Host-sessionID`, a percent-encoded signature, and attributes with a domain of 60 characters.
const MAX_LENGTH: usize = 3840;

/// A store whose session key is the session: its ID, a dot, and its [`Record`] as base64 (RFC 4648, section 5, without
/// padding).
///
/// It is strict: it rejects every key that does not have this form. Each write gives a new key for the cookie. The ID
/// at its start changes only when the session is rotated or a user logs in. The store checks both timeouts by the times
/// in the record, even if the browser keeps the cookie for longer. It signs nothing: the middleware must sign or
/// encrypt the cookie. A session that is too large for a cookie is an error, and the visitor keeps the previous one.
///
/// The server can't end a session and knows no versions, as the [module](self) explains.
///
/// ```
/// use session_stores::{CookieStore, Timeouts};
/// let store = CookieStore::new(Timeouts::default());
/// ```
#[derive(Debug, Clone)]
pub struct CookieStore {
    timeouts: Timeouts,
}

impl CookieStore {
    /// Creates a store.
    pub fn new(timeouts: Timeouts) -> Self {
        Self { timeouts }
    }
}

/// Returns the session in `key`, even if it has expired.
pub(crate) fn decode(key: &str) -> Option<Record> {
    let (id, base64) = key.split_once('.')?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(base64).ok()?;
    Record::decode(id::parse(id)?, &json).ok()
}

/// Returns whether neither timeout of `record` has passed. The idle timeout counts from its last write.
pub(crate) fn is_active(record: &Record, timeouts: &Timeouts, now: OffsetDateTime) -> bool {
    let unused = Duration::try_from(now - record.updated_at).unwrap_or_default();
    !timeouts.is_expired(record, now) && timeouts.idle.is_none_or(|idle| unused < idle)
}

impl Store for CookieStore {
    fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        let now = record::now();
        let found = decode(key).filter(|record| is_active(record, &self.timeouts, now));
        Ok(found.map(Loaded::stored))
    }

    async fn create(&self, record: &Record) -> Result<Saved, StoreError> {
        let json = serde_json::to_vec(record).map_err(StoreError::failed)?;
        let key = format!("{}.{}", record.id, BASE64_URL_SAFE_NO_PAD.encode(json));
        match key.len() {
            bytes if bytes > MAX_LENGTH => Err(StoreError::TooLarge {
                bytes,
                limit: MAX_LENGTH,
            }),
            _ => Ok(Saved::Written(key)),
        }
    }

    async fn save(&self, record: &Record, _: u64) -> Result<Saved, StoreError> {
        self.create(record).await
    }

    async fn rotate(&self, record: &Record, _: &Loaded, _: OldId) -> Result<Saved, StoreError> {
        self.create(record).await
    }

    /// Does nothing. The caller asks the browser to delete the cookie.
    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
}
