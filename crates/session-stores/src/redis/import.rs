//! Importing the sessions that visitors bring in cookies of a [`CookieStore`](crate::CookieStore).
//!
//! An import is a rotation whose old ID was never in Redis. First the session is written under a new ID. Then a
//! redirect from the cookie's ID to the new one is written, if there is none yet. The second step decides which request
//! imports the session. Later requests follow the redirect, as after any rotation. It stays until the last cookie with
//! that ID has expired, so that no older copy of the cookie is imported again.
//!
//! A `load` writes nothing: it returns the session from the cookie, and reports that the cookie's ID is out of date. So
//! a failure of Redis in between loses nothing.

use actix_session::storage::SessionKey;
use uuid::Uuid;

use super::{
    error::RedisStoreError,
    store::{RedisStore, WriteError},
};
use crate::{
    Record, State, cookie, id,
    metadata::Metadata,
    record,
    reserved::{Ask, Loaded},
};

/// Where the session of a cookie is.
pub(super) enum Imported {
    /// This request has written it under this new ID.
    Now(Uuid),
    /// It was imported before, or it has expired. The cookie's ID, which this is, may redirect to it.
    Before(Uuid),
}

impl RedisStore {
    /// Returns the session in `key` if sessions are imported.
    fn decode(&self, key: &SessionKey) -> Option<Record> {
        self.migrate_cookies.then(|| cookie::decode(key)).flatten()
    }

    /// Returns the state of the session in the cookie `key`, or of the session to which its ID redirects.
    pub(super) async fn load_from_cookie(
        &self,
        key: &SessionKey,
    ) -> Result<Option<State>, RedisStoreError> {
        let is_active = |record: &Record| cookie::is_active(record, &self.timeouts, record::now());
        let Some(record) = self.decode(key).filter(is_active) else {
            return Ok(None);
        };
        match self.commands.redirect(record.id).await? {
            None => Ok(Some(record.into_state(true))),
            Some(redirect) => match redirect.for_visitors(record::now()) {
                Some(to) => self.load_by_id(to, true).await,
                None => Ok(None),
            },
        }
    }

    /// Writes `state` under a new ID unless the session in `key` was imported before. Returns `None` if `key` is not a
    /// session.
    pub(super) async fn import(
        &self,
        key: &SessionKey,
        state: &State,
        loaded: Option<&Loaded>,
        ask: Option<&Ask>,
    ) -> Result<Option<Imported>, WriteError> {
        let Some(brought) = self.decode(key) else {
            return Ok(None);
        };
        let now = record::now();
        let before = Ok(Some(Imported::Before(brought.id)));
        let active = match loaded {
            Some(loaded) if loaded.id != brought.id => return before,
            // It had not reached its idle timeout when it was loaded.
            Some(_) => !self.timeouts.is_expired(brought.created_at, now),
            None => cookie::is_active(&brought, &self.timeouts, now),
        };
        if !active {
            return before;
        }
        let (metadata, grace) = match ask {
            Some(Ask::SignIn(user)) => (Metadata::new(Some(user.clone()), now), None),
            Some(Ask::Renew) => (brought.metadata().rotated(now), None),
            Some(Ask::Rotate { .. } | Ask::Follow) | None => {
                (brought.metadata().rotated(now), Some(self.rotation_grace))
            }
        };
        let mut record = Record::new(id::fresh(), state.clone(), metadata, now)?;
        self.create(&mut record).await?;
        let ttl = self.timeouts.ttl(brought.created_at, record::now());
        if self
            .commands
            .claim(brought.id, record.id, grace, ttl)
            .await?
        {
            return Ok(Some(Imported::Now(record.id)));
        }
        self.end_session(record.id).await?;
        before
    }

    /// Ends the session in `key`, even if it was imported before. From now on no cookie with its ID is imported.
    pub(super) async fn end_in_cookie(&self, key: &SessionKey) -> Result<(), RedisStoreError> {
        let Some(brought) = self.decode(key) else {
            return Ok(());
        };
        let ttl = self.timeouts.ttl(brought.created_at, record::now());
        // The redirect leads to an unused ID.
        let claimed = self.commands.claim(brought.id, id::fresh(), None, ttl);
        if !claimed.await? {
            self.end_session(brought.id).await?;
        }
        Ok(())
    }
}
