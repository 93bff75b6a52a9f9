//! Giving a session a new ID.
//!
//! No step can touch two keys of a Redis Cluster, so there are two steps. First the session is written under the new
//! ID, which no client knows yet. Then the old key is replaced by a redirect, if it still holds a session. The second
//! step decides. If a logout comes before it, the new session is deleted again. A logout that comes after it follows
//! the redirect and ends the new session.

use std::time::Duration;

use uuid::Uuid;

use super::{
    redirect::MAX_REDIRECTS,
    store::{Location, RedisStore, WriteError},
};
use crate::{Record, id, metadata::Metadata, record, reserved::Loaded};

/// The result of a renewal.
enum Renewed {
    To(Uuid),
    /// The session had ended before.
    Ended,
    /// Another request has renewed or ended the session under this ID meanwhile. The record was not written.
    TooLate(Uuid, Record),
}

impl RedisStore {
    /// Gives the session a new ID without a grace. If another request rotates it meanwhile, the rotated ID is renewed.
    pub(super) async fn renew(
        &self,
        mut record: Record,
        mut loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        for _ in 0..MAX_REDIRECTS {
            match self.try_renewal(record, loaded.take(), None).await? {
                Renewed::To(new) => return Ok(Some(new)),
                Renewed::Ended => break,
                Renewed::TooLate(id, unwritten) => record = Record { id, ..unwritten },
            }
        }
        Ok(None)
    }

    /// Gives the session a new ID with a grace. If another request has renewed it meanwhile, only writes the data.
    pub(super) async fn rotate(
        &self,
        record: Record,
        loaded: Option<Loaded>,
    ) -> Result<Option<Uuid>, WriteError> {
        let grace = Some(self.rotation_grace);
        match self.try_renewal(record, loaded, grace).await? {
            Renewed::To(new) => Ok(Some(new)),
            Renewed::Ended => Ok(None),
            Renewed::TooLate(id, record) => self.overwrite(Record { id, ..record }, None).await,
        }
    }

    /// Rotates the ID for a request that has changed no data. It keeps the data that other requests write meanwhile. If
    /// they never stop writing, the session keeps its ID for now.
    pub(super) async fn rotate_unchanged(&self, id: Uuid) -> Result<Option<Uuid>, WriteError> {
        for _ in 0..MAX_REDIRECTS {
            let json = match self.commands.get_text(id).await {
                Ok(Some(json)) => json,
                Ok(None) => break,
                // Another request has renewed it.
                Err(error) if error.is_wrong_type() => return Ok(self.current_id(id).await?),
                Err(error) => return Err(error.into()),
            };
            let Ok(mut record) = Record::read(id, &json) else {
                break;
            };
            record.id = id::fresh();
            record.set_metadata(record.metadata().rotated(record::now()));
            self.create(&mut record).await?;
            let grace = Some(self.rotation_grace);
            let replaced = self.commands.replace(id, record.id, grace, Some(&json));
            if replaced.await? {
                if let Some(user) = &record.user {
                    self.keep_old_id_in_index(user, id).await;
                }
                return Ok(Some(record.id));
            }
            self.end_session(record.id).await?;
        }
        Ok(None)
    }

    /// Creates a session for `user` with the data of `record`, and ends the one under its ID if it is still there.
    pub(super) async fn sign_in(
        &self,
        mut record: Record,
        loaded: Option<Loaded>,
        user: String,
    ) -> Result<Uuid, WriteError> {
        let mut old = record.id;
        record.id = id::fresh();
        record.set_metadata(Metadata::new(Some(user), record.updated_at));
        self.create(&mut record).await?;
        for _ in 0..MAX_REDIRECTS {
            if self.commands.replace(old, record.id, None, None).await? {
                if let Some(user) = loaded.and_then(|loaded| loaded.metadata.user) {
                    self.remove_from_index(&user, old).await;
                }
                break;
            }
            let redirect = self.commands.redirect(old).await?;
            match redirect.and_then(|redirect| redirect.for_requests_in_flight()) {
                Some(to) => old = to,
                None => break,
            }
        }
        Ok(record.id)
    }

    /// Renews the session under the ID of `record`, or the one to which that ID redirects.
    async fn try_renewal(
        &self,
        mut record: Record,
        loaded: Option<Loaded>,
        grace: Option<Duration>,
    ) -> Result<Renewed, WriteError> {
        for _ in 0..MAX_REDIRECTS {
            let old = record.id;
            match self.locate(old, loaded.as_ref()).await? {
                Location::Gone => break,
                Location::Redirected(to) => record.id = to,
                Location::Here(metadata) => {
                    record.id = id::fresh();
                    record.set_metadata(metadata.rotated(record::now()));
                    self.create(&mut record).await?;
                    if self.commands.replace(old, record.id, grace, None).await? {
                        if let Some(user) = &record.user {
                            self.keep_old_id_in_index(user, old).await;
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
