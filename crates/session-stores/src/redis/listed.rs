//! A user's sessions, listed and ended (OWASP ASVS 5.0, 7.5.2 and 7.4.5). All of it costs as much as that user has sessions.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use deadpool_redis::redis::Cmd;
use futures_util::future::try_join_all;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    RedisStore, RedisStoreError,
    keys::{Found, LONGEST_WAY},
};
use crate::{Record, id, record};

/// One of a user's sessions. Its id isn't in it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The first 16 hex digits of the SHA-256 of its id; see [`handle_of`](crate::handle_of).
    pub handle: String,
    /// When its user signed in.
    pub created_at: OffsetDateTime,
    /// When its state was last written.
    pub updated_at: OffsetDateTime,
    /// When it got its present id.
    pub rotated_at: OffsetDateTime,
    /// The application's entries, as the JSON it gave.
    pub data: BTreeMap<String, Box<RawValue>>,
    /// What is left of the idle timeout; `None` without one.
    pub idle_left: Option<Duration>,
    /// What is left of the absolute timeout; `None` without one.
    pub absolute_left: Option<Duration>,
}

/// Where an id leads.
struct Way {
    /// The id itself, and those it was renewed to.
    ids: Vec<Uuid>,
    end: Option<Record>,
}

impl RedisStore {
    /// The living sessions that `user` has signed in to, the oldest first. Being listed renews nobody's idle timeout.
    ///
    /// # Errors
    /// Redis can't be asked; see [`RedisStoreError`].
    pub async fn sessions_of(&self, user: &str) -> Result<Vec<Listed>, RedisStoreError> {
        let entries = self.entries(user).await?;
        let found = try_join_all(entries.iter().map(|id| self.list(user, *id))).await?;
        // After a renewal two ids lead to one session.
        let by_id: BTreeMap<Uuid, Listed> = found.into_iter().flatten().collect();
        let mut listed: Vec<Listed> = by_id.into_values().collect();
        listed.sort_by(|a, b| (a.created_at, &a.handle).cmp(&(b.created_at, &b.handle)));
        Ok(listed)
    }

    /// Ends the session of `user` that has `handle`, on every instance; false if there is none, or none any more.
    ///
    /// A handle that was shown before the session was renewed is found for as long as a request in flight would be;
    /// then the session has to be listed again.
    ///
    /// # Errors
    /// Redis can't be asked; see [`RedisStoreError`].
    pub async fn end(&self, user: &str, handle: &str) -> Result<bool, RedisStoreError> {
        let mut ended = false;
        for id in self
            .entries(user)
            .await?
            .into_iter()
            .filter(|id| id::handle(*id) == handle)
        {
            ended |= self.end_entry(user, id, &HashSet::new()).await?;
        }
        Ok(ended)
    }

    /// Ends all sessions of `user` but the one that has `keep_handle`; returns how many there were.
    ///
    /// # Errors
    /// Redis can't be asked; see [`RedisStoreError`]. Some may have ended then.
    pub async fn end_others(
        &self,
        user: &str,
        keep_handle: &str,
    ) -> Result<usize, RedisStoreError> {
        let entries = self.entries(user).await?;
        let kept = try_join_all(
            entries
                .iter()
                .filter(|id| id::handle(**id) == keep_handle)
                .map(|id| self.way(*id)),
        )
        .await?;
        let kept: HashSet<Uuid> = kept.into_iter().flat_map(|way| way.ids).collect();
        let ended = try_join_all(entries.iter().map(|id| self.end_entry(user, *id, &kept))).await?;
        Ok(ended.into_iter().filter(|ended| *ended).count())
    }

    /// Ends the session that the entry `id` of `user` leads to, unless that is kept; false if it isn't ended by this.
    async fn end_entry(
        &self,
        user: &str,
        id: Uuid,
        kept: &HashSet<Uuid>,
    ) -> Result<bool, RedisStoreError> {
        let way = self.way(id).await?;
        if way.ids.iter().any(|id| kept.contains(id)) {
            return Ok(false);
        }
        // Another user may have signed in to what was this user's session.
        let anothers = way
            .end
            .is_some_and(|record| record.user.as_deref() != Some(user));
        let ended = !anothers && self.end_session(id).await?;
        self.leave(user, id).await;
        Ok(ended)
    }

    /// The session that the entry `id` of `user` leads to. A dead entry is removed.
    async fn list(&self, user: &str, id: Uuid) -> Result<Option<(Uuid, Listed)>, RedisStoreError> {
        let now = record::now();
        let living = |record: &Record| {
            record.user.as_deref() == Some(user) && !self.timeouts.over(record.created_at, now)
        };
        let Some(record) = self.way(id).await?.end.filter(living) else {
            self.leave(user, id).await;
            return Ok(None);
        };
        let idle_left = match self.timeouts.idle.0 {
            None => None,
            Some(_) => match self
                .lease
                .query::<i64>(&Cmd::pttl(self.redis_key(record.id)))
                .await?
            {
                -2 => return Ok(None),
                left => u64::try_from(left).ok().map(Duration::from_millis),
            },
        };
        let listed = Listed {
            handle: id::handle(record.id),
            created_at: record.created_at,
            updated_at: record.updated_at,
            rotated_at: record.rotated_at,
            absolute_left: self.timeouts.left(record.created_at, now),
            data: record.data,
            idle_left,
        };
        Ok(Some((record.id, listed)))
    }

    /// Follows `id` to its end, also where visitors aren't led any more.
    async fn way(&self, id: Uuid) -> Result<Way, RedisStoreError> {
        let (mut ids, mut at) = (Vec::new(), id);
        for _ in 0..LONGEST_WAY {
            ids.push(at);
            match self.look(at, &Cmd::get(self.redis_key(at))).await? {
                Found::Nothing => break,
                Found::Session(record) => {
                    return Ok(Way {
                        ids,
                        end: Some(record),
                    });
                }
                Found::Moved(alias) => at = alias.to,
            }
        }
        Ok(Way { ids, end: None })
    }
}
