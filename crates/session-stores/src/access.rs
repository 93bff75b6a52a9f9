//! One request's access to a store.

use std::{cell::Cell, ops::Deref, time::Duration};

use time::OffsetDateTime;
use tokio::time::sleep;
use uuid::Uuid;

use crate::{Data, Loaded, OldId, Record, Saved, Store, StoreError, record, waiting::Waiting};

/// How often a request tries to write a session that other requests keep changing. 50 requests at once need up to 46.
const MAX_ATTEMPTS: u32 = 64;

/// The longest pause before another attempt, in milliseconds.
const MAX_PAUSE: u128 = 8;

/// One request's access to a store, which takes a bounded time in total.
///
/// Create one for each request. All calls share its time limit. The handler's own time does not count. `P` points to
/// the store: it is a reference or an `Rc`.
///
/// ```
/// use session_stores::{Access, Changes, Identity, MemoryStore, Store, Timeouts};
/// # use serde_json::value::RawValue;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let store = MemoryStore::new(Timeouts::default());
/// let access = Access::new(&store, store.time_limit());
///
/// // The first change of a visitor without a session.
/// let mut changes = Changes::default();
/// changes.insert("theme", RawValue::from_string("\"dark\"".to_owned())?);
/// let apply = |data: &mut _| Ok(changes.apply(data));
/// let begun = access.write(None, Identity::Keep, apply).await?.expect("nothing can have ended");
///
/// // A login: a new ID, and the same entries.
/// let login = Identity::LogIn("alice".to_owned());
/// let alice = access.write(Some(begun.loaded), login, |_| Ok(())).await?.expect("as before");
/// assert_eq!(alice.loaded.record.data["theme"].get(), "\"dark\"");
/// assert_eq!(access.load(&begun.key).await?.unwrap().version, None, "the old ID has stopped");
///
/// // The logout.
/// access.delete(&alice.key).await?;
/// let late = access.write(Some(alice.loaded), Identity::Keep, |_| Ok(())).await?;
/// assert!(late.is_none(), "the session has ended");
/// assert_eq!((access.conflicts(), access.retries()), (0, 0));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Access<P> {
    store: P,
    left: Cell<Duration>,
    conflicts: Cell<u32>,
    retries: Cell<u32>,
}

/// The effect of a write on the session's ID and user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity {
    /// Keeps both.
    #[default]
    Keep,
    /// Gives the session a new ID.
    Rotate(OldId),
    /// Begins a session of this user, under a new ID, with the data of the old session. If the old session belongs to
    /// another user or has ended meanwhile, the new one begins without data.
    LogIn(String),
}

/// A session after a write.
#[derive(Debug)]
#[non_exhaustive]
pub struct Written {
    /// The session as it is stored now.
    pub loaded: Loaded,
    /// The key for the visitor's cookie.
    pub key: String,
}

impl<P: Deref<Target: Store>> Access<P> {
    /// Creates the access of a request that may wait for `store` for `limit` in total; see [`Store::time_limit`].
    pub fn new(store: P, limit: Duration) -> Self {
        Self {
            store,
            left: Cell::new(limit),
            conflicts: Cell::new(0),
            retries: Cell::new(0),
        }
    }

    /// Returns for how long the request may still wait.
    pub fn time_left(&self) -> Duration {
        self.left.get()
    }

    /// Returns how often a write of this request met a newer version of the session.
    pub fn conflicts(&self) -> u32 {
        self.conflicts.get()
    }

    /// Returns how often a write of this request was tried again.
    pub fn retries(&self) -> u32 {
        self.retries.get()
    }

    /// Waits for `work`, which calls the store, until the request has used up its time for the store.
    ///
    /// # Errors
    /// Returns an error if `work` does, or [`StoreError::TimedOut`] if the time runs out.
    // Not an `async fn`, which would hold `work` twice. The futures of a store are large, and are moved several times.
    pub fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> impl Future<Output = Result<T, StoreError>> {
        Waiting::new(work, &self.left)
    }

    /// Loads the session under `key`; see [`Store::load`].
    ///
    /// # Errors
    /// Returns an error if the store fails or the time runs out.
    pub fn load(&self, key: &str) -> impl Future<Output = Result<Option<Loaded>, StoreError>> {
        self.wait(self.store.load(key))
    }

    /// Ends the session under `key`; see [`Store::delete`].
    ///
    /// # Errors
    /// Returns an error if the store fails or the time runs out.
    pub fn delete(&self, key: &str) -> impl Future<Output = Result<(), StoreError>> {
        self.wait(self.store.delete(key))
    }

    /// Applies `change` to the session that was `loaded`, or to a new one, and writes it.
    ///
    /// If another request has changed the session meanwhile, applies `change` to the newer state and tries again. So
    /// `change` may run several times. Returns `None` if the session has ended: only a login begins a new one then.
    ///
    /// # Errors
    /// Returns an error if the store fails, if the time runs out, or if other requests keep changing the session. If
    /// the outcome of an attempt is unknown, the session is not written again.
    pub fn write(
        &self,
        loaded: Option<Loaded>,
        identity: Identity,
        change: impl FnMut(&mut Data) -> Result<(), StoreError>,
    ) -> impl Future<Output = Result<Option<Written>, StoreError>> {
        self.wait(self.try_until_written(loaded, identity, change))
    }

    async fn try_until_written(
        &self,
        mut loaded: Option<Loaded>,
        mut identity: Identity,
        mut change: impl FnMut(&mut Data) -> Result<(), StoreError>,
    ) -> Result<Option<Written>, StoreError> {
        for attempt in 1..=MAX_ATTEMPTS {
            if attempt > 1 {
                self.retries.set(self.retries.get() + 1);
                sleep(pause(attempt)).await;
            }
            let now = record::now();
            let is_login = matches!(identity, Identity::LogIn(_));
            let has_expired = |it: &Loaded| self.store.timeouts().is_expired(&it.record, now);
            // A permissive store would begin a new session with the data of one that has expired since it was loaded.
            if !is_login && loaded.as_ref().is_some_and(has_expired) {
                return Ok(None);
            }
            let (record, saved) = match (&identity, loaded.take()) {
                (
                    Identity::Keep,
                    Some(Loaded {
                        record,
                        version: Some(read),
                        ..
                    }),
                ) => {
                    let mut record = self.written(record, read, now);
                    change(&mut record.data)?;
                    let saved = self.store.save(&record, read).await?;
                    (record, saved)
                }
                // Boxed because it is rare. Otherwise the future of each change would have room for it.
                (_, old) => {
                    Box::pin(self.begin_or_rotate(old, &identity, now, &mut change)).await?
                }
            };
            match saved {
                Saved::Written(key) => {
                    let loaded = Loaded::stored(record);
                    return Ok(Some(Written { loaded, key }));
                }
                Saved::Gone if is_login => loaded = None,
                Saved::Gone => return Ok(None),
                Saved::Conflict(newer) => loaded = Some(*newer),
                Saved::Moved(newer) => {
                    loaded = Some(*newer);
                    // One new ID is enough for requests that found the ID too old at the same time.
                    if identity == Identity::Rotate(OldId::Redirects) {
                        identity = Identity::Keep;
                    }
                }
            }
            self.conflicts.set(self.conflicts.get() + 1);
        }
        Err(StoreError::Contended(MAX_ATTEMPTS))
    }

    /// Begins a session, or writes the session `old` under a new ID. Returns what the store was to write, and whether
    /// it did.
    async fn begin_or_rotate(
        &self,
        old: Option<Loaded>,
        identity: &Identity,
        now: OffsetDateTime,
        change: &mut impl FnMut(&mut Data) -> Result<(), StoreError>,
    ) -> Result<(Record, Saved), StoreError> {
        let mut record = self.next(old.as_ref(), identity, now);
        change(&mut record.data)?;
        let old = old.filter(|old| old.version.is_some() || old.is_import());
        let saved = match (old, identity) {
            (None, _) => self.store.create(&record).await,
            (Some(old), Identity::Keep) => self.store.rotate(&record, &old, OldId::Redirects).await,
            (Some(old), Identity::Rotate(old_id)) => {
                self.store.rotate(&record, &old, *old_id).await
            }
            (Some(old), Identity::LogIn(_)) => self.store.rotate(&record, &old, OldId::Stops).await,
        };
        Ok((record, saved?))
    }

    /// Returns the record of a session that begins or gets a new ID, with the data of `old`.
    fn next(&self, old: Option<&Loaded>, identity: &Identity, now: OffsetDateTime) -> Record {
        let timeouts = self.store.timeouts();
        let begin = |user| Record::begin(user, now, &timeouts);
        let mut record = match (identity, old) {
            (Identity::LogIn(user), _) => begin(Some(user.clone())),
            (_, None) => begin(None),
            (Identity::Keep, Some(old)) if !old.is_import() => old.record.clone(),
            (_, Some(old)) => old.record.clone().rotated(now),
        };
        if let (Identity::LogIn(user), Some(old)) = (identity, old)
            && old.record.user.as_ref().is_none_or(|before| before == user)
        {
            record.data.clone_from(&old.record.data);
        }
        let read = old.and_then(|old| old.version).unwrap_or(0);
        self.written(record, read, now)
    }

    /// Returns `record` as the write `now` after the version `read`.
    fn written(&self, mut record: Record, read: u64, now: OffsetDateTime) -> Record {
        record.version = read + 1;
        record.updated_at = now;
        record.expires_at = self.store.timeouts().end_of(&record);
        record
    }
}

/// Returns a random pause before the next attempt, which grows with the attempts.
fn pause(attempt: u32) -> Duration {
    let most = MAX_PAUSE.min(attempt.into()) * 1000;
    let micros = Uuid::new_v4().as_u128() % most;
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
