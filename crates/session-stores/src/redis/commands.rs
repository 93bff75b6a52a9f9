//! The commands that the store sends to Redis.
//!
//! Each is one step of Redis and touches one key. [`SharedConnection::query`] may send a command twice, so each script
//! recognizes its own work.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, cmd};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{
    connection::SharedConnection,
    error::RedisStoreError,
    options::Options,
    redirect::{IN_FLIGHT, Redirect},
};
use crate::{
    Record,
    record::{self, Malformed},
};

/// Replaces a session by a redirect. Returns 0 if there is no such session.
const REPLACE: &str = r"
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'hash' and redis.call('HGET', KEYS[1], 'MovedTo') == ARGV[1] then return 1 end
if kind ~= 'string' or ARGV[4] and redis.call('GET', KEYS[1]) ~= ARGV[4] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'MovedTo', ARGV[1])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'FollowUntil', ARGV[3]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1";

/// Writes a redirect under an unused ID. Returns 0 if there is a session or another redirect.
const CLAIM: &str = r"
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'hash' and redis.call('HGET', KEYS[1], 'MovedTo') == ARGV[1] then return 1 end
if kind ~= 'none' then return 0 end
redis.call('HSET', KEYS[1], 'MovedTo', ARGV[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'FollowUntil', ARGV[2]) end
if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1";

/// Adds a session to an index, removes expired entries, and lets the index expire with its last entry. Times come from
/// the caller's clock, from which the clock of Redis may differ.
const ADD_TO_INDEX: &str = r"
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last == 'inf' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], last - ARGV[1]) end
return 1";

/// The value that Redis stores under a session ID.
pub(super) enum Stored {
    Nothing,
    Session(Record),
    Redirect(Redirect),
}

/// The commands, on keys that begin with one prefix. Each clone has a connection of its own.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    connection: SharedConnection,
    prefix: String,
}

impl Commands {
    pub(super) fn new(options: &Options) -> Result<Self, RedisStoreError> {
        Ok(Self {
            connection: SharedConnection::new(options)?,
            prefix: options.session_prefix.clone(),
        })
    }

    /// Checks that Redis can be reached, accepts the password, and knows `GETEX`.
    pub(super) async fn check(&self) -> Result<(), RedisStoreError> {
        self.connection.check(&self.key(Uuid::nil())).await
    }

    fn key(&self, id: Uuid) -> String {
        format!("{}{id}", self.prefix)
    }

    /// Returns what is stored under `id`.
    pub(super) async fn get(&self, id: Uuid) -> Result<Stored, RedisStoreError> {
        self.read(id, &Cmd::get(self.key(id))).await
    }

    /// Returns what is stored under `id`, and makes a session expire after `idle`.
    pub(super) async fn get_and_renew(
        &self,
        id: Uuid,
        idle: Option<Duration>,
    ) -> Result<Stored, RedisStoreError> {
        match idle {
            None => self.get(id).await,
            Some(idle) => {
                let mut getex = cmd("GETEX");
                getex.arg(self.key(id)).arg("PX").arg(millis(idle));
                self.read(id, &getex).await
            }
        }
    }

    /// Returns what is stored under `id`, according to `command`, which returns the value of a string.
    async fn read(&self, id: Uuid, command: &Cmd) -> Result<Stored, RedisStoreError> {
        match self.connection.query::<Option<Vec<u8>>>(command).await {
            Ok(None) => Ok(Stored::Nothing),
            Ok(Some(json)) => match Record::read(id, &json) {
                Ok(record) => Ok(Stored::Session(record)),
                Err(error) => {
                    self.warn(id, &error);
                    Ok(Stored::Nothing)
                }
            },
            Err(error) if error.is_wrong_type() => {
                let redirect = self.redirect(id).await?;
                Ok(redirect.map_or(Stored::Nothing, Stored::Redirect))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the string that is stored under `id`.
    pub(super) async fn get_text(&self, id: Uuid) -> Result<Option<Vec<u8>>, RedisStoreError> {
        self.connection.query(&Cmd::get(self.key(id))).await
    }

    /// Returns the redirect stored under `id`. If the key holds anything else, logs a warning and returns `None`.
    pub(super) async fn redirect(&self, id: Uuid) -> Result<Option<Redirect>, RedisStoreError> {
        let mut hmget = cmd("HMGET");
        hmget.arg(self.key(id)).arg(&["MovedTo", "FollowUntil"]);
        let fields: Result<(Option<String>, Option<String>), _> =
            self.connection.query(&hmget).await;
        match fields {
            Ok((to, until)) => Ok(Redirect::read(to.as_deref(), until.as_deref())),
            Err(error) if error.is_wrong_type() => {
                self.warn(id, &Malformed::NotAString);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes `record` under an unused ID. Returns false if the ID is in use.
    pub(super) async fn create(
        &self,
        record: &Record,
        ttl: Option<Duration>,
    ) -> Result<bool, RedisStoreError> {
        let created: Option<String> = self
            .connection
            .query(self.set(record, ttl).arg("NX"))
            .await?;
        Ok(created.is_some())
    }

    /// Writes `record` over a session. Returns false if there is none, and a `WRONGTYPE` error if there is a redirect.
    pub(super) async fn overwrite(
        &self,
        record: &Record,
        ttl: Option<Duration>,
    ) -> Result<bool, RedisStoreError> {
        // With GET, Redis refuses to overwrite a redirect (https://redis.io/docs/latest/commands/set/). XX alone would
        // overwrite it.
        let mut set = self.set(record, ttl);
        let previous: Option<Vec<u8>> = self.connection.query(set.arg("XX").arg("GET")).await?;
        Ok(previous.is_some())
    }

    fn set(&self, record: &Record, ttl: Option<Duration>) -> Cmd {
        let mut set = cmd("SET");
        let json = serde_json::to_vec(record).expect("a record is always JSON");
        set.arg(self.key(record.id)).arg(json);
        if let Some(ttl) = ttl {
            set.arg("PX").arg(millis(ttl));
        }
        set
    }

    /// Deletes the string under `id` and returns it. Returns a `WRONGTYPE` error if there is a redirect.
    pub(super) async fn take(&self, id: Uuid) -> Result<Option<Vec<u8>>, RedisStoreError> {
        self.connection.query(cmd("GETDEL").arg(self.key(id))).await
    }

    /// Deletes whatever is stored under `id`.
    pub(super) async fn delete(&self, id: Uuid) -> Result<(), RedisStoreError> {
        self.connection.query(&Cmd::del(self.key(id))).await
    }

    /// Returns the TTL of `id` in milliseconds: -1 without a TTL, -2 if nothing is stored.
    pub(super) async fn pttl(&self, id: Uuid) -> Result<i64, RedisStoreError> {
        self.connection.query(&Cmd::pttl(self.key(id))).await
    }

    /// Replaces the session `old` by a redirect to `new`, where visitors are redirected for `grace`. Returns false, and
    /// does nothing, if there is no session, or if `expected` is given and differs from its text.
    pub(super) async fn replace(
        &self,
        old: Uuid,
        new: Uuid,
        grace: Option<Duration>,
        expected: Option<&[u8]>,
    ) -> Result<bool, RedisStoreError> {
        let mut eval = eval(REPLACE, &self.key(old));
        eval.arg(new.to_string())
            .arg(millis(IN_FLIGHT + grace.unwrap_or_default()))
            .arg(end_of(grace))
            .arg(expected);
        self.connection.query(&eval).await
    }

    /// Writes a redirect from the unused ID `id` to `to`, where visitors are redirected for `grace`. It expires after
    /// `ttl` and some time more, for clocks that differ. Returns false if `id` is in use.
    pub(super) async fn claim(
        &self,
        id: Uuid,
        to: Uuid,
        grace: Option<Duration>,
        ttl: Option<Duration>,
    ) -> Result<bool, RedisStoreError> {
        let ttl = ttl.map(|ttl| millis(ttl + IN_FLIGHT + grace.unwrap_or_default()).to_string());
        let mut eval = eval(CLAIM, &self.key(id));
        eval.arg(to.to_string())
            .arg(end_of(grace))
            .arg(ttl.unwrap_or_default());
        self.connection.query(&eval).await
    }

    fn index_key(&self, user: &str) -> String {
        format!("{}-user:{user}", self.prefix.trim_end_matches(':'))
    }

    /// Adds `id` to the index of `user` for the time `ttl`, or without end.
    pub(super) async fn add_to_index(
        &self,
        user: &str,
        id: Uuid,
        ttl: Option<Duration>,
    ) -> Result<(), RedisStoreError> {
        let now = record::now();
        let until = ttl.map(|ttl| millis_since_1970(now + ttl).to_string());
        let mut eval = eval(ADD_TO_INDEX, &self.index_key(user));
        eval.arg(millis_since_1970(now))
            .arg(until.as_deref().unwrap_or("+inf"))
            .arg(id.to_string());
        self.connection.query(&eval).await
    }

    /// Removes `id` from the index of `user`.
    pub(super) async fn remove_from_index(
        &self,
        user: &str,
        id: Uuid,
    ) -> Result<(), RedisStoreError> {
        let mut zrem = cmd("ZREM");
        zrem.arg(self.index_key(user)).arg(id.to_string());
        self.connection.query(&zrem).await
    }

    /// Returns the session IDs in the index of `user`. Some of these sessions may have ended.
    pub(super) async fn index(&self, user: &str) -> Result<Vec<Uuid>, RedisStoreError> {
        let mut zrange = cmd("ZRANGE");
        zrange.arg(self.index_key(user)).arg(0).arg(-1);
        let ids: Vec<String> = self.connection.query(&zrange).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    fn warn(&self, id: Uuid, error: &Malformed) {
        log::warn!(
            "Redis key {}{}…: {error}; left as it is, the visitor gets a new session",
            self.prefix,
            &id.to_string()[..8]
        );
    }
}

/// Returns an `EVAL` of `script` on `key`, without further arguments.
fn eval(script: &str, key: &str) -> Cmd {
    let mut eval = cmd("EVAL");
    eval.arg(script).arg(1).arg(key);
    eval
}

/// Returns the end of `grace` as text, empty without a grace.
fn end_of(grace: Option<Duration>) -> String {
    let until = grace.map(|grace| (record::now() + grace).format(&Rfc3339));
    until.map_or_else(String::new, |text| {
        text.expect("the current time can be written as RFC 3339")
    })
}

/// Converts `ttl` for Redis, which accepts no TTL of zero.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn millis_since_1970(time: OffsetDateTime) -> i128 {
    time.unix_timestamp_nanos() / 1_000_000
}
