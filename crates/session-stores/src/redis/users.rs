//! Listing and revoking the sessions of a user (OWASP ASVS 5.0, 7.5.2 and 7.4.5).

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    commands::{Listed, Wanted},
    store::RedisStore,
};
use crate::{Data, Record, Store, StoreError, record};

/// One session of a user, without its ID.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionInfo {
    /// See [`Record::handle`].
    pub handle: String,
    /// When the user logged in.
    pub created_at: OffsetDateTime,
    /// When the session was last written.
    pub updated_at: OffsetDateTime,
    /// When the session got its current ID.
    pub rotated_at: OffsetDateTime,
    /// The application's entries.
    pub data: Data,
    /// Time until the idle timeout; `None` without one.
    pub idle_left: Option<Duration>,
    /// Time until the absolute timeout; `None` without one.
    pub absolute_left: Option<Duration>,
}

/// Each method sends one command, whatever the number of sessions.
///
/// `own` is the session of the request, as `session_layer::Session::record` returns it. Without a user it has no other
/// sessions: the methods return none, and end none.
///
/// If Redis has lost the index of a user since the login, the methods that take `own` return
/// [`StoreError::IncompleteIndex`] and end nothing. The session enters the index again at the next rotation or login.
/// But [`revoke_others`](Self::revoke_others) returns this error until the absolute timeout of all lost sessions has
/// passed, because some may still be missing. Without an absolute timeout it does so until the user has logged out
/// everywhere.
///
/// ```no_run
/// use session_stores::{Record, RedisStore, StoreError};
///
/// /// Shows where the user is logged in, and then ends all other sessions.
/// async fn only_here(store: &RedisStore, own: &Record) -> Result<(), StoreError> {
///     for session in store.sessions_of(own).await? {
///         println!("{}, last used {}", session.handle, session.updated_at);
///     }
///     let ended = store.revoke_others(own).await?;
///     println!("ended {}", ended.len());
///     Ok(())
/// }
/// ```
impl RedisStore {
    /// Returns the sessions of the user of `own`, the oldest first. Does not renew their idle timeouts.
    ///
    /// # Errors
    /// Returns an error if Redis fails, or if the index is incomplete.
    pub async fn sessions_of(&self, own: &Record) -> Result<Vec<SessionInfo>, StoreError> {
        let mut sessions = self.sessions(own, Wanted::All, false).await?;
        sessions.sort_by_key(|session| session.created_at);
        Ok(sessions)
    }

    /// Ends the session with `handle` on every instance, and returns it. Returns `None` if the user of `own` has no
    /// such session.
    ///
    /// # Errors
    /// Returns an error if Redis fails, or if the index is incomplete. If the reply of Redis was lost, the session may
    /// have ended.
    pub async fn revoke(
        &self,
        own: &Record,
        handle: &str,
    ) -> Result<Option<SessionInfo>, StoreError> {
        Ok(self.sessions(own, Wanted::One(handle), true).await?.pop())
    }

    /// Ends every session of this user except `own`, on every instance. Returns the sessions that it has ended.
    ///
    /// # Errors
    /// Returns an error if Redis fails, or if the index is incomplete. If the reply of Redis was lost, the sessions may
    /// have ended.
    pub async fn revoke_others(&self, own: &Record) -> Result<Vec<SessionInfo>, StoreError> {
        self.sessions(own, Wanted::Others, true).await
    }

    /// Returns the handles of all sessions that `user` has. Does not renew their idle timeouts.
    ///
    /// # Errors
    /// Returns an error if Redis fails.
    pub async fn handles_of(&self, user: &str) -> Result<Vec<String>, StoreError> {
        let found = self.commands.sessions(user, None, Wanted::All, false);
        let sessions = self.infos(found.await?)?;
        Ok(sessions.into_iter().map(|session| session.handle).collect())
    }

    async fn sessions(
        &self,
        own: &Record,
        wanted: Wanted<'_>,
        ends: bool,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        let Some(user) = &own.user else {
            return Ok(Vec::new());
        };
        let own = Some(own.id);
        let found = self.commands.sessions(user, own, wanted, ends).await?;
        self.infos(found)
    }

    fn infos(&self, found: Option<Vec<Listed>>) -> Result<Vec<SessionInfo>, StoreError> {
        let found = found.ok_or(StoreError::IncompleteIndex)?;
        let infos = found.into_iter().filter_map(|session| self.info(session));
        Ok(infos.collect())
    }

    /// Returns `None` for a session that has expired.
    fn info(&self, (id, text, ttl): Listed) -> Option<SessionInfo> {
        let record = self.decode(Uuid::try_parse(&id).ok()?, &text)?;
        let now = record::now();
        if self.timeouts().is_expired(&record, now) {
            return None;
        }
        let left = || u64::try_from(ttl).ok().map(Duration::from_millis);
        Some(SessionInfo {
            handle: record.handle(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            rotated_at: record.rotated_at,
            idle_left: self.timeouts().idle.and_then(|_| left()),
            absolute_left: self.timeouts().remaining(&record, now),
            data: record.data,
        })
    }
}
