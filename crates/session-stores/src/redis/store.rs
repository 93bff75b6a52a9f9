//! Loading, writing and ending one session, even if its ID changes meanwhile.

use std::time::Duration;

use uuid::Uuid;

use super::{
    commands::{Commands, Stored},
    error::RedisStoreError,
    options::Options,
    redirect::{IN_FLIGHT, MAX_REDIRECTS},
    user_index::UserIndex,
};
use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    metadata::Metadata,
    record,
    reserved::Loaded,
};

/// Where a session can be written.
pub(super) enum Location {
    Gone,
    Here(Metadata),
    Redirected(Uuid),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Redis(#[from] RedisStoreError),
    #[error(
        "Redis reported twice that a new session ID is in use; this happens if its first reply was lost; try again"
    )]
    IdInUse,
    #[error(transparent)]
    NotAnId(#[from] NotAnId),
}

/// A store with one Redis key for each session, `{prefix}{id}`, which holds one [`Record`].
///
/// It is strict: a visitor with an unknown ID gets a new one. A write needs an active session (`SET … XX`), so a
/// request in flight at logout cannot revive the session. The idle timeout is the key's TTL, which the read itself
/// renews (`GETEX`, so Redis 6.2 is needed). The absolute timeout is checked at `load` and limits the TTL at every
/// write.
///
/// When a session gets a new ID, its old key holds a redirect for a while. A request in flight cannot overwrite it, and
/// a logout in flight follows it and ends the session. Visitors with the old ID are redirected only after
/// [`rotate`](crate::rotate).
///
/// An index holds the sessions of each user; see [`sessions_of`](Self::sessions_of).
///
/// With [`migrate_cookies`](Options::migrate_cookies) the store imports a session that a visitor brings in a cookie of
/// [`CookieStore`](crate::CookieStore). It does so once, at the first change or, with [`follow`](crate::follow), at the
/// first request. It keeps entries, start and user. After that it rejects this cookie and all older ones with the same
/// ID, even after a logout. If two requests import at once, the second one follows the first, as after a rotation. A
/// server with a `CookieStore` could hand out cookies that are imported once more. So stop the last such server first,
/// and keep the option until all cookies have expired.
///
/// All clones share a pool of connections. Each clone keeps one multiplexed connection, and replaces it when it breaks.
/// The timeout in [`Options`] limits each wait. While Redis is down, one request at a time tries to reach it, and the
/// others fail at once.
///
/// Every command touches one key. The store does not support TLS, Sentinel and Cluster.
#[derive(Debug, Clone)]
pub struct RedisStore {
    pub(super) commands: Commands,
    pub(super) timeouts: Timeouts,
    pub(super) rotation_grace: Duration,
    pub(super) migrate_cookies: bool,
    index: UserIndex,
}

impl RedisStore {
    /// Connects to Redis once, so that a problem shows at the start and not at the first request.
    ///
    /// # Errors
    /// Returns an error if Redis can't be reached, rejects the password, or is older than 6.2.
    pub async fn connect(options: Options) -> Result<Self, RedisStoreError> {
        let store = Self {
            commands: Commands::new(&options)?,
            timeouts: options.timeouts,
            rotation_grace: options.rotation_grace,
            migrate_cookies: options.migrate_cookies,
            index: UserIndex::new(options.timeouts),
        };
        // Boxed because it is large, and would make every future that opens a store as large.
        Box::pin(store.commands.check()).await?;
        Ok(store)
    }

    /// Returns the state of the session that a visitor with `id` has, and renews its idle timeout. `moved`: the cookie
    /// holds another ID than `id`.
    pub(super) async fn load_by_id(
        &self,
        id: Uuid,
        moved: bool,
    ) -> Result<Option<State>, RedisStoreError> {
        let Some(record) = self.find(id).await? else {
            return Ok(None);
        };
        if self.timeouts.is_expired(record.created_at, record::now()) {
            self.end_session(record.id).await?;
            return Ok(None);
        }
        self.index.keep(&self.commands, &record).await?;
        let moved = moved || record.id != id;
        Ok(Some(record.into_state(moved)))
    }

    async fn find(&self, id: Uuid) -> Result<Option<Record>, RedisStoreError> {
        let mut at = id;
        for _ in 0..MAX_REDIRECTS {
            let idle = self.timeouts.idle.0;
            match self.commands.get_and_renew(at, idle).await? {
                Stored::Nothing => break,
                Stored::Session(record) => return Ok(Some(record)),
                Stored::Redirect(redirect) => match redirect.for_visitors(record::now()) {
                    Some(to) => at = to,
                    None => break,
                },
            }
        }
        Ok(None)
    }

    /// Writes `record`, which has a new ID, and adds it to its user's index. Gives it another ID if that one is in use.
    pub(super) async fn create(&self, record: &mut Record) -> Result<(), WriteError> {
        // An ID is in use, too, if Redis has written the record, its reply was lost, and the command was sent again.
        for _ in 0..2 {
            if self.commands.create(record, self.ttl(record)).await? {
                return Ok(self.index.add(&self.commands, record).await?);
            }
            record.id = id::fresh();
        }
        Err(WriteError::IdInUse)
    }

    /// Writes the data of `record` where the session with its ID is now, and returns the session's ID. Keeps the stored
    /// metadata. Returns `None` if the session has ended.
    pub(super) async fn overwrite(
        &self,
        mut record: Record,
        mut loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        for _ in 0..MAX_REDIRECTS {
            match self.locate(record.id, loaded.as_ref()).await? {
                Location::Gone => break,
                Location::Redirected(to) => record.id = to,
                Location::Here(metadata) => {
                    record.set_metadata(metadata);
                    match self.commands.overwrite(&record, self.ttl(&record)).await {
                        Ok(written) => return Ok(written.then_some(record.id)),
                        Err(error) if error.is_wrong_type() => loaded = None,
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        Ok(None)
    }

    /// Returns where the session can be written. Asks Redis unless `loaded` is the session under `id`.
    pub(super) async fn locate(
        &self,
        id: Uuid,
        loaded: Option<&Loaded>,
    ) -> Result<Location, RedisStoreError> {
        if let Some(loaded) = loaded.filter(|loaded| loaded.id == id) {
            return Ok(Location::Here(loaded.metadata.clone()));
        }
        Ok(match self.commands.get(id).await? {
            Stored::Nothing => Location::Gone,
            Stored::Session(record) => Location::Here(record.metadata()),
            Stored::Redirect(redirect) => redirect
                .for_requests_in_flight()
                .map_or(Location::Gone, Location::Redirected),
        })
    }

    /// Returns the ID that the session has now, or `None` if it has ended.
    pub(super) async fn current_id(&self, id: Uuid) -> Result<Option<Uuid>, RedisStoreError> {
        let mut at = id;
        for _ in 0..MAX_REDIRECTS {
            match self.locate(at, None).await? {
                Location::Gone => break,
                Location::Here(_) => return Ok(Some(at)),
                Location::Redirected(to) => at = to,
            }
        }
        Ok(None)
    }

    /// Ends the session under `id`, or the one to which `id` redirects. Returns false if there is none.
    ///
    /// `GETDEL` refuses to delete a redirect. So a renewal that comes first is noticed, and one that comes later finds
    /// no session to renew.
    pub(super) async fn end_session(&self, id: Uuid) -> Result<bool, RedisStoreError> {
        let mut at = id;
        for _ in 0..MAX_REDIRECTS {
            match self.commands.take(at).await {
                Ok(None) => break,
                Ok(Some(json)) => {
                    if let Ok(Record {
                        user: Some(user), ..
                    }) = Record::read(at, &json)
                    {
                        self.remove_from_index(&user, at).await;
                    }
                    return Ok(true);
                }
                Err(error) if !error.is_wrong_type() => return Err(error),
                Err(_) => {
                    let Some(redirect) = self.commands.redirect(at).await? else {
                        // The value is malformed, or a redirect that has just expired.
                        self.commands.delete(at).await?;
                        break;
                    };
                    at = redirect.to;
                }
            }
        }
        Ok(false)
    }

    /// Removes `id` from the index. Only logs an error: the session has ended already, and listing removes the entry.
    pub(super) async fn remove_from_index(&self, user: &str, id: Uuid) {
        if let Err(error) = self.commands.remove_from_index(user, id).await {
            log::warn!("an ended session stays in the index of its user for now: {error}");
        }
    }

    /// Keeps the old ID of a renewed session in the index until its redirect expires: a request in flight finds its own
    /// session by it. Only logs an error.
    pub(super) async fn keep_old_id_in_index(&self, user: &str, id: Uuid) {
        let ttl = Some(self.rotation_grace + IN_FLIGHT);
        if let Err(error) = self.commands.add_to_index(user, id, ttl).await {
            log::warn!("an old session ID stays in the index of its user for now: {error}");
        }
    }

    /// Returns the TTL of `record`. A session that has expired since it was loaded gets the shortest possible one.
    fn ttl(&self, record: &Record) -> Option<Duration> {
        self.timeouts.ttl(record.created_at, record::now())
    }
}
