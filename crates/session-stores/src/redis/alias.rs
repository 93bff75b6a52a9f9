//! What an old id leads to.
//!
//! A hash, and not a string: what reads, writes or ends a session is then refused by Redis itself (WRONGTYPE), and costs
//! no more for all those that never were renewed. `SCAN … TYPE string` doesn't find it.

use std::time::Duration;

use deadpool_redis::redis::cmd;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{RedisStore, RedisStoreError, keys::millis};
use crate::record::{self, Malformed};

/// How long requests in flight at a renewal still learn where the session is, beyond the grace.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(60);

/// Puts an alias in the place of a living session. 0: there is none any more.
///
/// It may be applied twice, see `Lease::query`, and so knows its own work.
const SUPERSEDE: &str = r"
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'hash' and redis.call('HGET', KEYS[1], 'MovedTo') == ARGV[1] then return 1 end
if kind ~= 'string' or ARGV[4] and redis.call('GET', KEYS[1]) ~= ARGV[4] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'MovedTo', ARGV[1])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'FollowUntil', ARGV[3]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1";

/// The hash `MovedTo`, `FollowUntil` under an id that was renewed.
pub(super) struct Alias {
    /// The id that the session got instead.
    pub(super) to: Uuid,
    /// The end of the grace, if there is one.
    follow_until: Option<OffsetDateTime>,
}

impl Alias {
    /// Where a visitor is led who comes with the old id.
    pub(super) fn for_visitors(&self, now: OffsetDateTime) -> Option<Uuid> {
        self.follow_until
            .is_some_and(|until| now < until)
            .then_some(self.to)
    }

    /// Where a request is led that has loaded the session under the old id. It may outlast the grace.
    pub(super) fn for_requests_in_flight(&self) -> Option<Uuid> {
        self.follow_until.is_some().then_some(self.to)
    }
}

impl RedisStore {
    /// The alias under `id`. What else it may be is logged and counts as none.
    pub(super) async fn alias(&self, id: Uuid) -> Result<Option<Alias>, RedisStoreError> {
        let fields = cmd("HMGET")
            .arg(self.redis_key(id))
            .arg(&["MovedTo", "FollowUntil"])
            .take();
        match self
            .lease
            .query::<(Option<String>, Option<String>)>(&fields)
            .await
        {
            Ok((to, follow_until)) => {
                let follow_until =
                    follow_until.and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok());
                Ok(to
                    .and_then(|to| to.parse().ok())
                    .map(|to| Alias { to, follow_until }))
            }
            Err(error) if error.is_wrong_type() => {
                self.warn(id, &Malformed::NotText);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Lets `old` lead to `new`, where visitors are led for `grace`; false, and nothing is done, if no session lives
    /// under `old`, or, where it is `known`, another state of it.
    pub(super) async fn supersede(
        &self,
        old: Uuid,
        new: Uuid,
        grace: Option<Duration>,
        known: Option<&[u8]>,
    ) -> Result<bool, RedisStoreError> {
        let mut eval = cmd("EVAL");
        eval.arg(SUPERSEDE)
            .arg(1)
            .arg(self.redis_key(old))
            .arg(new.to_string());
        eval.arg(millis(IN_FLIGHT + grace.unwrap_or_default()));
        let until = grace.map(|grace| {
            (record::now() + grace)
                .format(&Rfc3339)
                .expect("the present has an RFC 3339 form")
        });
        eval.arg(until.unwrap_or_default()).arg(known);
        self.lease.query(&eval).await
    }
}
