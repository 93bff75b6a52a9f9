//! The contract of every session store.

use std::time::Duration;

use uuid::Uuid;

use crate::{Record, StoreError, Timeouts, record};

/// A place where sessions are stored.
///
/// A visitor's cookie holds a *key*. In most stores it is the session ID; in [`CookieStore`](crate::CookieStore) it is
/// the session itself. A caller loads the session under the key of the request, and writes it with the version that it
/// has read. The store refuses a write if the version has changed. So a write that arrives late, or twice, cannot undo
/// a newer one.
///
/// Two stores cannot always notice that another request has written the session. The server keeps nothing for
/// [`CookieStore`](crate::CookieStore), which accepts every write. Two processes with a [`FileStore`](crate::FileStore)
/// on one directory don't wait for each other.
///
/// Use [`Access`](crate::Access) to call a store from a request. It limits the time, merges changes and tries again.
#[expect(
    async_fn_in_trait,
    reason = "actix-web runs a request on one thread, so the futures need not be Send"
)]
pub trait Store {
    /// Returns the timeouts of the store's sessions.
    fn timeouts(&self) -> Timeouts;

    /// Returns how long a request should wait for the store in total, whatever the number of its calls. It is 5 seconds
    /// unless the store has a limit of its own.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(5)
    }

    /// Returns the session under `key` and renews its idle timeout. [`CookieStore`](crate::CookieStore) renews it only
    /// when a request writes the session.
    ///
    /// Returns `None` if the visitor needs a new session. A strict store does so for every unknown ID. A permissive
    /// store returns an empty session without a version, and the visitor keeps the ID. Both return `None` for a key
    /// that is malformed, and for a stored value that is not a session.
    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError>;

    /// Stores a session under the ID in `record`, which is unused. If the ID is in use, the store writes nothing. A
    /// permissive store then returns [`Saved::Conflict`], because two requests may begin the session of an unknown ID
    /// at once. A strict store returns [`Saved::Gone`].
    async fn create(&self, record: &Record) -> Result<Saved, StoreError>;

    /// Replaces the stored session by `record`, which has the same ID, if the stored version still equals `read`.
    async fn save(&self, record: &Record, read: u64) -> Result<Saved, StoreError>;

    /// Replaces the session `old` by `record`, which has a new ID, if no request has written `old` since the caller
    /// loaded it.
    ///
    /// The store does both in one step, so exactly one of the two sessions exists at any moment. If
    /// [`Loaded::is_import`] is true for `old`, the visitor has brought the session in a cookie, and the store imports
    /// it.
    async fn rotate(
        &self,
        record: &Record,
        old: &Loaded,
        old_id: OldId,
    ) -> Result<Saved, StoreError>;

    /// Ends the session under `key`, even if its ID has been rotated since the caller loaded it.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;
}

/// A session as it was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Loaded {
    /// The session.
    pub record: Record,
    /// Its version, or `None` if the store has no such session yet.
    pub version: Option<u64>,
    /// Whether the visitor needs a new cookie, because the ID has been rotated or the store imports the session.
    pub has_stale_key: bool,
    /// The name of the session in the store that it is imported from, if a write must delete it there.
    pub imported_from: Option<String>,
}

impl Loaded {
    /// Creates what a store returns for a session that it holds under the key of the request.
    pub fn stored(record: Record) -> Self {
        Self {
            version: Some(record.version),
            record,
            has_stale_key: false,
            imported_from: None,
        }
    }

    /// Creates what a permissive store returns for an unknown `id`: an empty session that is not stored yet.
    pub fn unknown(id: Uuid, timeouts: &Timeouts) -> Self {
        let mut record = Record::begin(None, record::now(), timeouts);
        record.id = id;
        Self {
            record,
            version: None,
            has_stale_key: false,
            imported_from: None,
        }
    }

    /// Returns whether the store imports the session and has not written it yet.
    pub fn is_import(&self) -> bool {
        self.version.is_none() && self.has_stale_key
    }
}

/// The fate of an ID when its session gets a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldId {
    /// The store rejects it at once. Use this at a login, and when rights change.
    Stops,
    /// It leads to the session until a request brings the new ID, and for a short grace after that. So a visitor who
    /// misses the response with the new ID keeps the session. Only [`RedisStore`](crate::RedisStore) does this; in
    /// other stores the old ID stops working.
    Redirects,
}

/// The result of a write.
#[derive(Debug)]
#[non_exhaustive]
pub enum Saved {
    /// The session is stored, and the visitor's cookie must hold this key.
    Written(String),
    /// Another request has changed the session since it was read. This is the current state.
    Conflict(Box<Loaded>),
    /// The session has got a new ID since it was read. This is the session under its new ID.
    Moved(Box<Loaded>),
    /// The session has ended. Nothing was written.
    Gone,
}

impl Saved {
    /// Returns why a store refuses to replace the `current` session, unless it has the version that was `read`. `None`
    /// means that there is no session.
    pub fn refusal(current: Option<&Record>, read: Option<u64>) -> Option<Self> {
        match current {
            Some(newer) if Some(newer.version) != read => {
                Some(Self::Conflict(Loaded::stored(newer.clone()).into()))
            }
            None if read.is_some() => Some(Self::Gone),
            _ => None,
        }
    }
}
