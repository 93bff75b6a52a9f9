//! Which sessions a user has: an index, so that nobody looks through all sessions for those of one user.
//!
//! A sorted set for each user, `{prefix}-user:{user}` with the prefix less its colon, so that no pattern of sessions
//! (`session:*`) finds it. A member is a session's id, its score when that session ends at the latest, in milliseconds
//! since 1970. A session is written before it gets into the index, so a member without a session is dead for good.
//!
//! Nothing stays for ever: each entry removes those whose time is over, the set expires with its last one, and listing
//! removes the dead. The price is paid by whoever can stay signed in for more than a day: such a session is entered again
//! once a day by each process that it is used through.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool_redis::redis::cmd;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{RedisStore, RedisStoreError, alias};
use crate::{Record, record};

/// How far ahead an entry is made, or three idle timeouts if that is more.
const HORIZON: Duration = Duration::from_secs(24 * 60 * 60);

/// Enters a session, drops what is over, and lets the set expire with its last member. Relative to the caller's clock:
/// that of Redis may be another.
const ENTER: &str = r"
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last == 'inf' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], last - ARGV[1]) end
return 1";

/// When each session was entered by this process, of those that have to be entered again.
#[derive(Debug, Default)]
pub(super) struct Entered(Mutex<HashMap<Uuid, Instant>>);

impl Entered {
    fn within(&self, limit: Duration, id: Uuid) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .is_some_and(|at| at.elapsed() < limit)
    }

    fn note(&self, limit: Duration, id: Uuid) {
        let mut entered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Grows by doubling: only then is it worth looking through.
        if entered.len() == entered.capacity() {
            entered.retain(|_, at| at.elapsed() < limit);
        }
        entered.insert(id, Instant::now());
    }
}

impl RedisStore {
    fn index_key(&self, user: &str) -> String {
        format!("{}-user:{user}", self.prefix.trim_end_matches(':'))
    }

    /// Enters the session of `record`, if it is somebody's.
    pub(super) async fn enter(&self, record: &Record) -> Result<(), RedisStoreError> {
        let Some(user) = &record.user else {
            return Ok(());
        };
        let left = self.timeouts.left(record.created_at, record::now());
        self.enter_until(user, record.id, self.ahead().into_iter().chain(left).min())
            .await?;
        if !self.enters_for_good() {
            self.entered.note(self.again_after(), record.id);
        }
        Ok(())
    }

    /// Sees to it that the session of `record`, which has just been used, stays in the index for as long as it lives.
    pub(super) async fn stay_entered(&self, record: &Record) -> Result<(), RedisStoreError> {
        if record.user.is_none()
            || self.enters_for_good()
            || self.entered.within(self.again_after(), record.id)
        {
            return Ok(());
        }
        self.enter(record).await
    }

    /// Takes `id` out of the index. No failure of what it is a part of: the session is dead already, and its entry is
    /// removed when it is met.
    pub(super) async fn leave(&self, user: &str, id: Uuid) {
        let left = self
            .lease
            .query::<()>(cmd("ZREM").arg(self.index_key(user)).arg(id.to_string()))
            .await;
        left.unwrap_or_else(|error| {
            log::warn!("a dead session stays in the index of its user for now: {error}")
        });
    }

    /// Takes `id`, which was renewed, out of the index once it leads nowhere; no failure either. Until then a request in
    /// flight knows its own session by it.
    pub(super) async fn leave_after_grace(&self, user: &str, id: Uuid) {
        let left = self
            .enter_until(user, id, Some(self.rotation_grace + alias::IN_FLIGHT))
            .await;
        left.unwrap_or_else(|error| {
            log::warn!("an old session id stays in the index of its user for now: {error}")
        });
    }

    /// The ids in the index, some of which may be dead.
    pub(super) async fn entries(&self, user: &str) -> Result<Vec<Uuid>, RedisStoreError> {
        let ids: Vec<String> = self
            .lease
            .query(cmd("ZRANGE").arg(self.index_key(user)).arg(0).arg(-1))
            .await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    async fn enter_until(
        &self,
        user: &str,
        id: Uuid,
        ahead: Option<Duration>,
    ) -> Result<(), RedisStoreError> {
        let now = record::now();
        let until = ahead.map_or_else(
            || "+inf".to_owned(),
            |ahead| millis_since_1970(now + ahead).to_string(),
        );
        let mut eval = cmd("EVAL");
        eval.arg(ENTER)
            .arg(1)
            .arg(self.index_key(user))
            .arg(millis_since_1970(now))
            .arg(until)
            .arg(id.to_string());
        self.lease.query(&eval).await
    }

    /// Whether an entry lasts as long as its session can.
    fn enters_for_good(&self) -> bool {
        self.ahead().is_none_or(|ahead| {
            self.timeouts
                .absolute
                .0
                .is_some_and(|absolute| absolute <= ahead)
        })
    }

    /// How far ahead entries are made; for good, if sessions don't end by being unused.
    fn ahead(&self) -> Option<Duration> {
        self.timeouts.idle.0.map(|idle| HORIZON.max(3 * idle))
    }

    /// How soon after its entry a session is entered again. A change may come up to an idle timeout after its load, and
    /// the session lives for another one from then.
    fn again_after(&self) -> Duration {
        let idle = self.timeouts.idle.0.unwrap_or_default();
        self.ahead().unwrap_or_default().saturating_sub(2 * idle)
    }
}

fn millis_since_1970(time: OffsetDateTime) -> i128 {
    time.unix_timestamp_nanos() / 1_000_000
}
