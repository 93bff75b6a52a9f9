//! A session gets a new id.
//!
//! On a Cluster no step can touch two keys, so there are two of them: the session is written under the new id, which
//! nobody knows yet; then the old key is replaced by an alias, if a session still lives under it. That second step
//! decides. A logout that comes before it wins, and the new session is taken back; one that comes after it is led to the
//! new session and ends that.

use std::time::Duration;

use deadpool_redis::redis::Cmd;
use uuid::Uuid;

use super::{
    RedisStore,
    keys::{LONGEST_WAY, Place, WriteError},
};
use crate::{
    Record, State, id,
    record::{self, Origin},
    reserved::Loaded,
};

/// How a renewal went.
enum Renewed {
    To(Uuid),
    /// The session had ended before.
    Ended,
    /// The session under this id was renewed by another, or ended, meanwhile.
    TooLate(Uuid, Record),
}

impl RedisStore {
    /// The old id is dead at once. If another rotated it meanwhile, that id is renewed in turn.
    pub(super) async fn renew(
        &self,
        id: Uuid,
        state: State,
        mut loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        let now = record::now();
        let mut record = Record::new(id, state, Origin::new(None, now), now)?;
        for _ in 0..LONGEST_WAY {
            match self.try_renewal(record, loaded.take(), None).await? {
                Renewed::To(new) => return Ok(Some(new)),
                Renewed::Ended => break,
                Renewed::TooLate(old, unwritten) => {
                    record = Record {
                        id: old,
                        ..unwritten
                    }
                }
            }
        }
        Ok(None)
    }

    /// The old id leads to the new one for the grace. If another has renewed it meanwhile, this is a change of that session.
    pub(super) async fn rotate(
        &self,
        id: Uuid,
        state: State,
        loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        let now = record::now();
        let record = Record::new(id, state, Origin::new(None, now), now)?;
        match self
            .try_renewal(record, loaded, Some(self.rotation_grace))
            .await?
        {
            Renewed::To(new) => Ok(Some(new)),
            Renewed::Ended => Ok(None),
            Renewed::TooLate(old, record) => {
                self.overwrite(Record { id: old, ..record }, None).await
            }
        }
    }

    /// As [`rotate`](Self::rotate), for a request that has changed nothing: it must not undo what others change meanwhile.
    /// If they change it all the time, it keeps its id for now.
    pub(super) async fn rotate_as_it_is(&self, id: Uuid) -> Result<Option<Uuid>, WriteError> {
        for _ in 0..LONGEST_WAY {
            let known = match self
                .lease
                .query::<Option<Vec<u8>>>(&Cmd::get(self.redis_key(id)))
                .await
            {
                Ok(Some(known)) => known,
                Ok(None) => break,
                // Another has renewed it.
                Err(error) if error.is_wrong_type() => return Ok(self.present(id).await?),
                Err(error) => return Err(error.into()),
            };
            let Ok(mut record) = Record::read(id, &known) else {
                break;
            };
            record.id = id::fresh();
            record.set_origin(record.origin().renewed(record::now()));
            self.create(&mut record).await?;
            if self
                .supersede(id, record.id, Some(self.rotation_grace), Some(&known))
                .await?
            {
                if let Some(user) = &record.user {
                    self.leave_after_grace(user, id).await;
                }
                return Ok(Some(record.id));
            }
            self.end_session(record.id).await?;
        }
        Ok(None)
    }

    /// A session of its own for `user`; the old id is dead, whatever has become of the session under it.
    pub(super) async fn sign_in(
        &self,
        id: Uuid,
        state: State,
        loaded: Option<Loaded>,
        user: String,
    ) -> Result<Uuid, WriteError> {
        let now = record::now();
        let mut record = Record::new(id::fresh(), state, Origin::new(Some(user), now), now)?;
        self.create(&mut record).await?;
        let mut old = id;
        for _ in 0..LONGEST_WAY {
            if self.supersede(old, record.id, None, None).await? {
                if let Some(user) = loaded.and_then(|loaded| loaded.origin.user) {
                    self.leave(&user, old).await;
                }
                break;
            }
            match self
                .alias(old)
                .await?
                .and_then(|alias| alias.for_requests_in_flight())
            {
                Some(to) => old = to,
                None => break,
            }
        }
        Ok(record.id)
    }

    /// Renews the session under the id of `record`, or the one which that has been rotated to.
    async fn try_renewal(
        &self,
        mut record: Record,
        loaded: Option<Loaded>,
        grace: Option<Duration>,
    ) -> Result<Renewed, WriteError> {
        for _ in 0..LONGEST_WAY {
            let old = record.id;
            match self.place(old, loaded.as_ref()).await? {
                Place::Gone => break,
                Place::Elsewhere(to) => record.id = to,
                Place::Here(origin) => {
                    record.id = id::fresh();
                    record.set_origin(origin.renewed(record::now()));
                    self.create(&mut record).await?;
                    if self.supersede(old, record.id, grace, None).await? {
                        if let Some(user) = &record.user {
                            self.leave_after_grace(user, old).await;
                        }
                        return Ok(Renewed::To(record.id));
                    }
                    self.end_session(record.id).await?;
                    return Ok(Renewed::TooLate(old, record));
                }
            }
        }
        Ok(Renewed::Ended)
    }
}
