//! Sessions that visitors bring in their cookies, see [`CookieStore`](crate::CookieStore), are carried over into Redis.
//!
//! It is a rotation whose old id was never here. What the cookie holds is written under a new id; then the cookie's own
//! id, which was nobody's key, becomes an alias of it, if there is none yet. That second step decides who has carried the
//! session over, and all who come later are led by the alias as after any rotation. It stays until the last cookie with
//! that id is over, so that none of them, of whatever age, brings its data a second time.
//!
//! Nothing happens before there is something to tell the visitor: a `load` leaves the session where it is, and says
//! that its id is an older one. A Redis that is gone in between loses nothing.

use std::time::Duration;

use actix_session::storage::SessionKey;
use deadpool_redis::redis::cmd;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::{
    RedisStore, RedisStoreError,
    alias::IN_FLIGHT,
    keys::{WriteError, millis},
};
use crate::{
    Record, State, cookie, id,
    record::{self, Origin},
    reserved::{Ask, Loaded},
};

/// Lets an id lead elsewhere that leads nowhere yet. 0: it does already, or a session lies there.
///
/// It may be applied twice, see `Lease::query`, and so knows its own work.
const CLAIM: &str = r"
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'hash' and redis.call('HGET', KEYS[1], 'MovedTo') == ARGV[1] then return 1 end
if kind ~= 'none' then return 0 end
redis.call('HSET', KEYS[1], 'MovedTo', ARGV[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'FollowUntil', ARGV[2]) end
if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1";

/// Where the session of a cookie is.
pub(super) enum Carried {
    /// Here, under this new id, as it was to be written.
    Now(Uuid),
    /// Where this id leads, which was the cookie's: it has been carried over before, or its time is over.
    Before(Uuid),
}

impl RedisStore {
    /// The session that `key` is, if such are carried over.
    fn in_cookie(&self, key: &SessionKey) -> Option<Record> {
        self.migrate_cookies.then(|| cookie::opened(key)).flatten()
    }

    /// The state of the session that a visitor brings in `key`, or of what it was carried over to a moment ago.
    pub(super) async fn state_in_cookie(
        &self,
        key: &SessionKey,
    ) -> Result<Option<State>, RedisStoreError> {
        let living = |record: &Record| cookie::lives(record, &self.timeouts, record::now());
        let Some(record) = self.in_cookie(key).filter(living) else {
            return Ok(None);
        };
        match self.alias(record.id).await? {
            None => Ok(Some(record.into_state(true))),
            Some(alias) => match alias.for_visitors(record::now()) {
                Some(to) => self.state(to, true).await,
                None => Ok(None),
            },
        }
    }

    /// Writes `state` under a new id, if the session in `key` was not carried over before; `None` if `key` is none.
    pub(super) async fn carry_over(
        &self,
        key: &SessionKey,
        state: &State,
        loaded: Option<&Loaded>,
        ask: Option<&Ask>,
    ) -> Result<Option<Carried>, WriteError> {
        let Some(brought) = self.in_cookie(key) else {
            return Ok(None);
        };
        let now = record::now();
        let before = Ok(Some(Carried::Before(brought.id)));
        let living = match loaded {
            Some(loaded) if loaded.id != brought.id => return before,
            // It was in time for its idle timeout then.
            Some(_) => !self.timeouts.over(brought.created_at, now),
            None => cookie::lives(&brought, &self.timeouts, now),
        };
        if !living {
            return before;
        }
        let (origin, grace) = match ask {
            Some(Ask::SignIn(user)) => (Origin::new(Some(user.clone()), now), None),
            Some(Ask::Renew) => (brought.origin().renewed(now), None),
            Some(Ask::Rotate { .. } | Ask::Follow) | None => {
                (brought.origin().renewed(now), Some(self.rotation_grace))
            }
        };
        let mut record = Record::new(id::fresh(), state.clone(), origin, now)?;
        self.create(&mut record).await?;
        if self.claim(&brought, record.id, grace).await? {
            return Ok(Some(Carried::Now(record.id)));
        }
        self.end_session(record.id).await?;
        before
    }

    /// Ends the session in `key`, also if it has been carried over: no cookie with its id brings anything from now on.
    pub(super) async fn end_in_cookie(&self, key: &SessionKey) -> Result<(), RedisStoreError> {
        // It leads to an id that nobody has.
        if let Some(brought) = self.in_cookie(key)
            && !self.claim(&brought, id::fresh(), None).await?
        {
            self.end_session(brought.id).await?;
        }
        Ok(())
    }

    /// Lets the id of `brought` lead to `to`, where visitors are led for `grace`; false if it leads somewhere already.
    async fn claim(
        &self,
        brought: &Record,
        to: Uuid,
        grace: Option<Duration>,
    ) -> Result<bool, RedisStoreError> {
        let follow_until = grace.map(|grace| {
            (record::now() + grace)
                .format(&Rfc3339)
                .expect("the present has an RFC 3339 form")
        });
        // Every cookie with this id that has been given so far is over by then; the rest is for clocks that differ.
        let stay = self
            .ttl(brought.created_at)
            .map(|ttl| millis(ttl + IN_FLIGHT + grace.unwrap_or_default()).to_string());
        let mut eval = cmd("EVAL");
        eval.arg(CLAIM)
            .arg(1)
            .arg(self.redis_key(brought.id))
            .arg(to.to_string());
        eval.arg(follow_until.unwrap_or_default())
            .arg(stay.unwrap_or_default());
        self.lease.query(&eval).await
    }
}
