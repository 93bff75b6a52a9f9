//! The commands on the key of one session. Each is one step of Redis, so that no other can come in between.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, cmd};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{RedisStore, RedisStoreError, alias::Alias};
use crate::{
    Record, State,
    id::{self, NotAnId},
    record::{self, Malformed, Origin},
    reserved::Loaded,
};

/// How many renewals an old id is led through. Ids are never used again, so there are no circles but those somebody
/// lays by hand.
pub(super) const LONGEST_WAY: usize = 64;

/// What lies under an id.
pub(super) enum Found {
    Nothing,
    Session(Record),
    Moved(Alias),
}

/// Where a session is to be written.
pub(super) enum Place {
    Gone,
    Here(Origin),
    Elsewhere(Uuid),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Redis(#[from] RedisStoreError),
    #[error("two new session ids are taken already")]
    Taken,
    #[error(transparent)]
    NotAnId(#[from] NotAnId),
}

impl RedisStore {
    pub(super) fn redis_key(&self, id: Uuid) -> String {
        format!("{}{id}", self.prefix)
    }

    /// Asks for what lies under `id` by `read`, a command that answers with a string.
    pub(super) async fn look(&self, id: Uuid, read: &Cmd) -> Result<Found, RedisStoreError> {
        match self.lease.query::<Option<Vec<u8>>>(read).await {
            Ok(None) => Ok(Found::Nothing),
            Ok(Some(json)) => match Record::read(id, &json) {
                Ok(record) => Ok(Found::Session(record)),
                Err(error) => {
                    self.warn(id, &error);
                    Ok(Found::Nothing)
                }
            },
            Err(error) if error.is_wrong_type() => {
                Ok(self.alias(id).await?.map_or(Found::Nothing, Found::Moved))
            }
            Err(error) => Err(error),
        }
    }

    /// The session that a visitor with `id` has, read by `read`.
    pub(super) async fn find(
        &self,
        id: Uuid,
        read: impl Fn(Uuid) -> Cmd,
    ) -> Result<Option<Record>, RedisStoreError> {
        let mut at = id;
        for _ in 0..LONGEST_WAY {
            match self.look(at, &read(at)).await? {
                Found::Nothing => return Ok(None),
                Found::Session(record) => return Ok(Some(record)),
                Found::Moved(alias) => match alias.for_visitors(record::now()) {
                    Some(to) => at = to,
                    None => return Ok(None),
                },
            }
        }
        Ok(None)
    }

    /// Writes `record`, which has a new id; gives it another one if that is taken. Enters it into its user's index.
    pub(super) async fn create(&self, record: &mut Record) -> Result<(), WriteError> {
        // NX: two sessions never share an id. A first attempt can find its own: applied, its answer lost, sent again.
        for _ in 0..2 {
            let mut set = self.set(record)?;
            if self
                .lease
                .query::<Option<String>>(set.arg("NX"))
                .await?
                .is_some()
            {
                return Ok(self.enter(record).await?);
            }
            record.id = id::fresh();
        }
        Err(WriteError::Taken)
    }

    /// Writes `state` where the session is now, and returns its id; `None`, and nothing is written, if it has ended.
    pub(super) async fn change(
        &self,
        id: Uuid,
        state: State,
        loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        let now = record::now();
        self.overwrite(Record::new(id, state, Origin::new(None, now), now)?, loaded)
            .await
    }

    /// As [`change`](Self::change), of the session under the id of `record`, whatever its origin.
    pub(super) async fn overwrite(
        &self,
        mut record: Record,
        mut loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        for _ in 0..LONGEST_WAY {
            match self.place(record.id, loaded.as_ref()).await? {
                Place::Gone => return Ok(None),
                Place::Elsewhere(to) => record.id = to,
                Place::Here(origin) => {
                    record.set_origin(origin);
                    // GET makes Redis refuse to write over what is no string (https://redis.io/docs/latest/commands/set/),
                    // such as the hash that an id leaves behind when it is renewed. XX alone would write over it.
                    let mut set = self.set(&record)?;
                    match self
                        .lease
                        .query::<Option<Vec<u8>>>(set.arg("XX").arg("GET"))
                        .await
                    {
                        Ok(previous) => return Ok(previous.map(|_| record.id)),
                        Err(error) if error.is_wrong_type() => loaded = None,
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        Ok(None)
    }

    /// Whether the session can be written under `id`. `loaded` saves a look if it was loaded from there.
    pub(super) async fn place(
        &self,
        id: Uuid,
        loaded: Option<&Loaded>,
    ) -> Result<Place, RedisStoreError> {
        let origin = match loaded.filter(|loaded| loaded.id == id) {
            Some(loaded) => loaded.origin.clone(),
            // Also if a handler has cleared the state: the session is as old as it was all the same.
            None => match self.look(id, &Cmd::get(self.redis_key(id))).await? {
                Found::Nothing => return Ok(Place::Gone),
                Found::Session(record) => record.origin(),
                Found::Moved(alias) => {
                    return Ok(alias
                        .for_requests_in_flight()
                        .map_or(Place::Gone, Place::Elsewhere));
                }
            },
        };
        Ok(Place::Here(origin))
    }

    /// The id that the session has now; `None` if it has ended.
    pub(super) async fn present(&self, id: Uuid) -> Result<Option<Uuid>, RedisStoreError> {
        let mut at = id;
        for _ in 0..LONGEST_WAY {
            match self.place(at, None).await? {
                Place::Gone => return Ok(None),
                Place::Here(_) => return Ok(Some(at)),
                Place::Elsewhere(to) => at = to,
            }
        }
        Ok(None)
    }

    /// Ends the session under `id`, or the one that it was renewed to; false if there was none.
    ///
    /// `GETDEL` refuses to delete what is no string, so a renewal that comes before it is seen, and one that comes after
    /// it finds nothing to renew.
    pub(super) async fn end_session(&self, id: Uuid) -> Result<bool, RedisStoreError> {
        let mut at = id;
        for _ in 0..LONGEST_WAY {
            match self
                .lease
                .query::<Option<Vec<u8>>>(cmd("GETDEL").arg(self.redis_key(at)))
                .await
            {
                Ok(None) => return Ok(false),
                Ok(Some(json)) => {
                    if let Ok(Record {
                        user: Some(user), ..
                    }) = Record::read(at, &json)
                    {
                        self.leave(&user, at).await;
                    }
                    return Ok(true);
                }
                Err(error) if !error.is_wrong_type() => return Err(error),
                Err(_) => {
                    let Some(alias) = self.alias(at).await? else {
                        // Malformed, or an alias whose time was over just now.
                        self.lease
                            .query::<()>(&Cmd::del(self.redis_key(at)))
                            .await?;
                        return Ok(false);
                    };
                    at = alias.to;
                }
            }
        }
        Ok(false)
    }

    fn set(&self, record: &Record) -> serde_json::Result<Cmd> {
        let mut set = cmd("SET");
        set.arg(self.redis_key(record.id))
            .arg(serde_json::to_vec(record)?);
        if let Some(ttl) = self.ttl(record.created_at) {
            set.arg("PX").arg(millis(ttl));
        }
        Ok(set)
    }

    /// How long a session may stay from now on: the shorter of both timeouts' remainders. One whose time went by after it
    /// was loaded is written for the moment that it takes Redis to drop it.
    pub(super) fn ttl(&self, created: OffsetDateTime) -> Option<Duration> {
        let left = self.timeouts.left(created, record::now());
        self.timeouts.idle.0.into_iter().chain(left).min()
    }

    pub(super) fn warn(&self, id: Uuid, error: &Malformed) {
        log::warn!(
            "Redis key {}{}…: {error}; left as it is, the visitor gets a new session",
            self.prefix,
            &id.to_string()[..8]
        );
    }
}

/// Redis takes no TTL of zero.
pub(super) fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
