//! The store.

use std::time::Duration;

use uuid::Uuid;

use super::{
    commands::{Commands, Replaced, Resolved},
    connection::SharedConnection,
    error::RedisStoreError,
    options::Options,
};
use crate::{Loaded, OldId, Record, Saved, ShortId, Store, StoreError, Timeouts, id, record};

/// How much longer than for one reply of Redis a request may wait in total.
const MARGIN: Duration = Duration::from_millis(100);

/// A store with one Redis key for each session.
///
/// It is strict: a visitor with an unknown ID gets a new one. A write needs a session that still has the version that
/// was read. So it neither revives a session that has ended nor undoes a newer write. A write whose reply was lost is
/// an error, and is not repeated.
///
/// When a session gets a new ID, its old key holds a redirect. With [`OldId::Redirects`] it leads to the session until
/// a request brings the new ID, and for [`rotation_grace`](Options::rotation_grace) after that.
///
/// An index holds the sessions of each user; see [`sessions_of`](Self::sessions_of).
///
/// With [`import_cookies`](Options::import_cookies) the store accepts sessions in cookies of
/// [`CookieStore`](crate::CookieStore). It imports such a session when a request first changes it. The imported session
/// keeps its entries, its start and its user. After that the store rejects this cookie and all older ones with the same
/// ID, even after a logout. A server that still uses a `CookieStore` could issue a newer cookie for the session, and
/// the store would import it again. So stop all such servers before you enable the option. Disable it when all cookies
/// have expired.
///
/// With [`import_actix_sessions`](Options::import_actix_sessions) it accepts the keys of actix-session's
/// `RedisSessionStore`, and imports such a session in the same way. The imported session begins when it is imported. It
/// leaves actix-session's key in the same step. So stop all servers that use actix-session first: they would not find
/// the session any more.
///
/// Each clone has one multiplexed connection of its own, and replaces it when it breaks. So give each worker of a
/// server a clone. While Redis is down, one request at a time tries to reach it, and the others fail at once.
#[derive(Debug, Clone)]
pub struct RedisStore {
    pub(super) commands: Commands,
}

/// Rare calls are boxed. Otherwise the future of each request would have room for the largest of them, and is moved
/// several times.
impl RedisStore {
    /// Connects to Redis once, so that a problem shows at the start and not at the first request. Logs a warning if
    /// Redis has an eviction policy that may drop sessions.
    ///
    /// ```no_run
    /// # async fn open() -> Result<(), session_stores::RedisStoreError> {
    /// use session_stores::{RedisStore, redis::Options};
    /// let options = Options::new("redis://redis.internal");
    /// let store = RedisStore::connect(options).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns an error if the URL can't be used, or if Redis can't be reached, rejects the password, or is older than
    /// 6.2.
    pub async fn connect(options: Options) -> Result<Self, RedisStoreError> {
        let connection = SharedConnection::new(&options)?;
        connection.check().await?;
        let commands = Commands {
            connection,
            options,
        };
        Ok(Self { commands })
    }

    /// Returns the session under `id`.
    async fn load_by_id(&self, id: Uuid) -> Result<Option<Loaded>, StoreError> {
        let resolved = self.commands.load(id).await?;
        let Some(mut loaded) = self.found(id, resolved) else {
            return Ok(None);
        };
        if self.has_expired(&loaded) {
            return Box::pin(self.end(&loaded)).await;
        }
        if !loaded.has_stale_key
            && let Some(previous) = loaded.record.previous_id.take()
        {
            Box::pin(self.commands.confirm(id, previous)).await?;
        }
        Ok(Some(loaded))
    }

    /// Returns the session to which `asked` leads. Ends it if its absolute timeout has passed.
    pub(super) async fn loaded(
        &self,
        asked: Uuid,
        resolved: Resolved,
    ) -> Result<Option<Loaded>, StoreError> {
        match self.found(asked, resolved) {
            Some(loaded) if self.has_expired(&loaded) => self.end(&loaded).await,
            found => Ok(found),
        }
    }

    /// Returns the session to which `asked` leads, even if its absolute timeout has passed.
    fn found(&self, asked: Uuid, resolved: Resolved) -> Option<Loaded> {
        let Resolved::Session(id, text) = resolved else {
            return None;
        };
        Some(Loaded {
            has_stale_key: id != asked,
            ..Loaded::stored(self.decode(id, &text)?)
        })
    }

    fn has_expired(&self, loaded: &Loaded) -> bool {
        self.timeouts().is_expired(&loaded.record, record::now())
    }

    /// Ends a session that has expired, and returns `None`.
    async fn end(&self, expired: &Loaded) -> Result<Option<Loaded>, StoreError> {
        self.commands.delete(expired.record.id).await?;
        Ok(None)
    }

    /// Reads the session `id`. If it is malformed, logs a warning and returns `None`.
    pub(super) fn decode(&self, id: Uuid, text: &[u8]) -> Option<Record> {
        let warn = |error| {
            log::warn!(
                "Redis key {}{}…: {error}; left as it is, the visitor gets a new session",
                self.commands.options.prefix,
                ShortId::from(id)
            );
        };
        let mut record = Record::decode(id, text).map_err(warn).ok()?;
        // The scripts look for a version at the start only, and another program may have changed the format.
        let rest = text.strip_prefix(br#"{"Version":"#).unwrap_or_default();
        if !rest.first().is_some_and(u8::is_ascii_digit) {
            record.version = 0;
        }
        Some(record)
    }

    /// Converts the result of a write for `record` that replaces the session `old`.
    async fn saved(
        &self,
        record: &Record,
        old: Uuid,
        replaced: Replaced,
    ) -> Result<Saved, StoreError> {
        match replaced {
            None => Ok(Saved::Written(record.id.to_string())),
            Some((refusal, value)) => Box::pin(self.refused(old, &refusal, &value)).await,
        }
    }

    /// Converts the `refusal` of a write that would have replaced the session `old`.
    async fn refused(&self, old: Uuid, refusal: &str, value: &[u8]) -> Result<Saved, StoreError> {
        let saved = match refusal {
            "conflict" => {
                let newer = self.decode(old, value).map(Loaded::stored);
                newer.map(|loaded| Saved::Conflict(loaded.into()))
            }
            "moved" => {
                let Ok(to) = Uuid::try_parse_ascii(value) else {
                    return Ok(Saved::Gone);
                };
                let resolved = self.commands.resolve(to, None).await?;
                let moved = self.loaded(old, resolved).await?;
                moved.map(|loaded| Saved::Moved(loaded.into()))
            }
            _ => None,
        };
        Ok(saved.unwrap_or(Saved::Gone))
    }
}

impl Store for RedisStore {
    fn timeouts(&self) -> Timeouts {
        self.commands.options.timeouts
    }

    fn time_limit(&self) -> Duration {
        self.commands.options.timeout + MARGIN
    }

    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        match id::parse(key) {
            Some(id) => self.load_by_id(id).await,
            // Only the key of a cookie store has a dot.
            None if key.contains('.') => Box::pin(self.load_from_cookie(key)).await,
            None => Box::pin(self.load_from_actix_session(key)).await,
        }
    }

    async fn create(&self, record: &Record) -> Result<Saved, StoreError> {
        Ok(if self.commands.create(record).await? {
            Saved::Written(record.id.to_string())
        } else {
            Saved::Gone
        })
    }

    async fn save(&self, record: &Record, read: u64) -> Result<Saved, StoreError> {
        let replaced = self.commands.save(record, read).await?;
        self.saved(record, record.id, replaced).await
    }

    async fn rotate(
        &self,
        record: &Record,
        old: &Loaded,
        old_id: OldId,
    ) -> Result<Saved, StoreError> {
        let mut record = record.clone();
        record.previous_id = (old_id == OldId::Redirects).then_some(old.record.id);
        let rotated = self.commands.rotate(&record, old, old_id).await?;
        self.saved(&record, old.record.id, rotated).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        match id::parse(key) {
            Some(id) => self.commands.delete(id).await?,
            None if key.contains('.') => self.delete_from_cookie(key).await?,
            None => self.delete_from_actix_session(key).await?,
        }
        Ok(())
    }
}
