//! Listing and revoking the sessions of a user (OWASP ASVS 5.0, 7.5.2 and 7.4.5).
//!
//! The number of commands grows with the number of that user's sessions.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use futures_util::future::try_join_all;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{commands::Stored, error::RedisStoreError, redirect::MAX_REDIRECTS, store::RedisStore};
use crate::{Record, id, record};

/// One session of a user, without its ID.
#[derive(Debug, Clone)]
pub struct SessionInfo {
    /// The first 16 hex digits of the ID's SHA-256; see [`handle_of`](crate::handle_of).
    pub handle: String,
    /// When the user logged in.
    pub created_at: OffsetDateTime,
    /// When the state was last written.
    pub updated_at: OffsetDateTime,
    /// When the session got its current ID.
    pub rotated_at: OffsetDateTime,
    /// The application's entries, as the JSON that it wrote.
    pub data: BTreeMap<String, Box<RawValue>>,
    /// Time until the idle timeout; `None` without one.
    pub idle_left: Option<Duration>,
    /// Time until the absolute timeout; `None` without one.
    pub absolute_left: Option<Duration>,
}

/// The result of following an ID to its session.
struct Resolved {
    /// The ID itself, and those to which it redirects.
    ids: Vec<Uuid>,
    session: Option<Record>,
}

impl RedisStore {
    /// Returns the active sessions of `user`, the oldest first. Does not renew their idle timeouts.
    ///
    /// # Errors
    /// Returns an error if Redis fails.
    pub async fn sessions_of(&self, user: &str) -> Result<Vec<SessionInfo>, RedisStoreError> {
        let entries = self.commands.index(user).await?;
        let found = try_join_all(entries.iter().map(|id| self.info(user, *id))).await?;
        // After a renewal two entries lead to one session.
        let by_id: BTreeMap<Uuid, SessionInfo> = found.into_iter().flatten().collect();
        let mut sessions: Vec<SessionInfo> = by_id.into_values().collect();
        sessions.sort_by(|a, b| (a.created_at, &a.handle).cmp(&(b.created_at, &b.handle)));
        Ok(sessions)
    }

    /// Ends the session of `user` that has `handle`, on every instance. Returns false if there is none.
    ///
    /// After a renewal the old handle works for about a minute, as long as a request in flight finds the session.
    ///
    /// # Errors
    /// Returns an error if Redis fails.
    pub async fn end(&self, user: &str, handle: &str) -> Result<bool, RedisStoreError> {
        let mut ended = false;
        for id in self.commands.index(user).await? {
            if id::handle(id) == handle {
                ended |= self.revoke_entry(user, id, &HashSet::new()).await?;
            }
        }
        Ok(ended)
    }

    /// Ends all sessions of `user` but the one that has `keep_handle`. Returns how many it ended.
    ///
    /// # Errors
    /// Returns an error if Redis fails. Some sessions may have ended then.
    pub async fn end_others(
        &self,
        user: &str,
        keep_handle: &str,
    ) -> Result<usize, RedisStoreError> {
        let entries = self.commands.index(user).await?;
        let mut kept = HashSet::new();
        for id in entries.iter().filter(|id| id::handle(**id) == keep_handle) {
            kept.extend(self.resolve(*id).await?.ids);
        }
        let revoked = entries.iter().map(|id| self.revoke_entry(user, *id, &kept));
        let revoked = try_join_all(revoked).await?;
        Ok(revoked.into_iter().filter(|revoked| *revoked).count())
    }

    /// Ends the session of `user` to which the entry `id` leads, unless its ID is in `kept`. Returns whether it did.
    async fn revoke_entry(
        &self,
        user: &str,
        id: Uuid,
        kept: &HashSet<Uuid>,
    ) -> Result<bool, RedisStoreError> {
        let found = self.resolve(id).await?;
        if found.ids.iter().any(|id| kept.contains(id)) {
            return Ok(false);
        }
        // Another user may have logged in to a session of this user.
        let is_own = |record: Record| record.user.as_deref() == Some(user);
        let ended = found.session.is_none_or(is_own) && self.end_session(id).await?;
        self.remove_from_index(user, id).await;
        Ok(ended)
    }

    /// Returns the session of `user` to which the entry `id` leads. Removes the entry if the session has ended.
    async fn info(
        &self,
        user: &str,
        id: Uuid,
    ) -> Result<Option<(Uuid, SessionInfo)>, RedisStoreError> {
        let now = record::now();
        let is_active = |record: &Record| {
            record.user.as_deref() == Some(user)
                && !self.timeouts.is_expired(record.created_at, now)
        };
        let Some(record) = self.resolve(id).await?.session.filter(is_active) else {
            self.remove_from_index(user, id).await;
            return Ok(None);
        };
        let mut idle_left = None;
        if self.timeouts.idle.0.is_some() {
            match self.commands.pttl(record.id).await? {
                -2 => return Ok(None),
                left => idle_left = u64::try_from(left).ok().map(Duration::from_millis),
            }
        }
        let info = SessionInfo {
            handle: id::handle(record.id),
            created_at: record.created_at,
            updated_at: record.updated_at,
            rotated_at: record.rotated_at,
            absolute_left: self.timeouts.remaining(record.created_at, now),
            data: record.data,
            idle_left,
        };
        Ok(Some((record.id, info)))
    }

    /// Follows the redirects of `id`, even those whose grace has ended.
    async fn resolve(&self, id: Uuid) -> Result<Resolved, RedisStoreError> {
        let (mut ids, mut at) = (Vec::new(), id);
        let mut session = None;
        for _ in 0..MAX_REDIRECTS {
            ids.push(at);
            match self.commands.get(at).await? {
                Stored::Nothing => break,
                Stored::Session(record) => {
                    session = Some(record);
                    break;
                }
                Stored::Redirect(redirect) => at = redirect.to,
            }
        }
        Ok(Resolved { ids, session })
    }
}
