//! Reads keys and their values from Redis.
//!
//! `SCAN` visits a bounded number of keys and returns a cursor for the next call. `KEYS` would block Redis until it has
//! visited all keys. None of the commands extends an idle timeout.

use std::time::Duration;

use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult,
    aio::MultiplexedConnection, cmd, pipe,
};
use session_stores::{RedisStoreError, redis::Options};

use crate::entry::Entry;

/// Keys that a `SCAN` visits. It holds Redis for well under a millisecond.
const SCAN_COUNT: u32 = 100;
/// Bytes read of each value. A longer value is reported and not shown.
const MAX_BYTES: usize = 64 * 1024;

/// The Redis with the sessions.
pub(crate) struct Redis {
    client: Client,
    /// Host and port.
    pub(crate) address: String,
    timeout: Duration,
    /// The prefix of the sessions' keys.
    pub(crate) prefix: String,
}

/// An open connection. Each page opens one: a few in each second cost little, and a new one is never broken.
pub(crate) struct Connection<'a> {
    redis: &'a Redis,
    inner: MultiplexedConnection,
}

impl Redis {
    pub(crate) fn new(options: &Options) -> Result<Self, RedisStoreError> {
        let info = options.connection_info()?;
        let address = info.addr().to_string();
        Ok(Self {
            client: Client::open(info)
                .map_err(|error| RedisStoreError::new(&error, &address, options.timeout))?,
            address,
            timeout: options.timeout,
            prefix: options.prefix.clone(),
        })
    }

    pub(crate) async fn connect(&self) -> Result<Connection<'_>, RedisStoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout));
        let opened = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let inner = opened.await.map_err(|error| self.explain(&error))?;
        Ok(Connection { redis: self, inner })
    }

    fn explain(&self, error: &RedisError) -> RedisStoreError {
        RedisStoreError::new(error, &self.address, self.timeout)
    }
}

impl Connection<'_> {
    /// Returns the number of all keys in Redis, sessions or not.
    pub(crate) async fn count_keys(&mut self) -> Result<usize, RedisStoreError> {
        self.query(&cmd("DBSIZE")).await
    }

    /// Visits the keys at `cursor`. Returns the next cursor, which is 0 at the end, and the names of the keys that can
    /// be sessions. A name is a key without the prefix, and may come twice.
    pub(crate) async fn scan(
        &mut self,
        cursor: u64,
    ) -> Result<(u64, Vec<Vec<u8>>), RedisStoreError> {
        let prefix = &self.redis.prefix;
        let mut scan = cmd("SCAN");
        scan.arg(cursor)
            .arg(&["MATCH", &format!("{}*", escape_glob(prefix))])
            // Only string values can be sessions.
            .arg(&["TYPE", "string"])
            .arg("COUNT")
            .arg(SCAN_COUNT);
        let (next, keys): (u64, Vec<Vec<u8>>) = self.query(&scan).await?;
        let names = keys.iter().map(|key| key[prefix.len()..].to_vec());
        Ok((next, names.collect()))
    }

    /// Reads the values of the keys with `names` in one round trip. Leaves out the keys that have been deleted, and
    /// those that no longer hold a string. A session that gets a new ID can leave a hash, its redirect, under the old
    /// key.
    pub(crate) async fn read(&mut self, names: &[Vec<u8>]) -> Result<Vec<Entry>, RedisStoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = pipe();
        for name in names {
            let key = [self.redis.prefix.as_bytes(), name].concat();
            // Not MGET, which would read the values in full, and all of them in one step.
            reads.cmd("GETRANGE").arg(&key).arg(0).arg(MAX_BYTES - 1);
            reads.cmd("STRLEN").arg(&key);
            reads.cmd("PTTL").arg(&key);
        }
        let replies = reads.ignore_errors().query_async(&mut self.inner).await;
        let entries = replies.and_then(|replies: Vec<Reply>| {
            let entries = names.iter().zip(replies);
            entries
                .filter_map(|(name, reply)| entry(name, reply).transpose())
                .collect()
        });
        entries.map_err(|error| self.redis.explain(&error))
    }

    async fn query<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, RedisStoreError> {
        let reply = command.query_async(&mut self.inner).await;
        reply.map_err(|error| self.redis.explain(&error))
    }
}

/// The first bytes of a value, its length, and the key's time to live. Each can fail alone, because other clients can
/// change the key between the commands.
type Reply = (RedisResult<Vec<u8>>, RedisResult<usize>, RedisResult<i64>);

/// Converts the `reply` for the key `name`. Returns `None` if there is no such string.
fn entry(name: &[u8], (value, length, ttl): Reply) -> RedisResult<Option<Entry>> {
    let (value, length) = match value.and_then(|value| Ok((value, length?))) {
        Err(error) if error.code() == Some("WRONGTYPE") => return Ok(None),
        read => read?,
    };
    let ttl = ttl?;
    // The time to live is -1 if there is none, and -2 if the key has been deleted.
    Ok((ttl != -2).then(|| {
        let idle = u64::try_from(ttl).ok().map(Duration::from_millis);
        Entry::new(name, &value, length, idle)
    }))
}

/// Returns a glob pattern that matches `text` only (Redis: KEYS, "supported glob-style patterns").
fn escape_glob(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
