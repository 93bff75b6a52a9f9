//! Reads a page of keys and their values from Redis.
//!
//! `SCAN` visits a bounded number of keys and returns a cursor for the next call. `KEYS` would block Redis until it has
//! visited all keys. None of the commands extends an idle timeout.

use std::{collections::BTreeSet, time::Duration};

use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, FromRedisValue, Pipeline, RedisError,
    aio::MultiplexedConnection, cmd, pipe,
};
use session_stores::{RedisStoreError, redis::Options};

use crate::entry::Entry;

/// Keys that the first `SCAN` of a page visits, and so about the most sessions on a page.
const FIRST_SCAN: u32 = 100;
/// Keys that each further `SCAN` visits, if most of the keys before were not sessions.
const FURTHER_SCAN: u32 = 1000;
/// Stop scanning when this many sessions were found.
const ENOUGH: usize = 50;
/// Stop scanning after this many `SCAN`s, however few sessions were found.
const MAX_SCANS: usize = 20;
/// Bytes read of each value. A longer value is reported and not shown.
const MAX_BYTES: usize = 64 * 1024;

/// The Redis with the sessions.
///
/// Each page opens a new connection. A few in each second cost little, and a new connection is never a broken one.
pub(crate) struct Redis {
    client: Client,
    address: String,
    timeout: Duration,
    prefix: String,
}

/// A page of keys, and the cursor of the next page.
pub(crate) struct KeyPage {
    pub(crate) entries: Vec<Entry>,
    /// The cursor of the next page; 0 after the last.
    pub(crate) next_cursor: u64,
    /// The number of all keys in Redis, sessions or not.
    pub(crate) total_keys: usize,
}

impl Redis {
    pub(crate) fn new(options: &Options) -> Result<Self, RedisStoreError> {
        let info: ConnectionInfo = options.connection_info()?;
        let address = info.addr().to_string();
        let client = Client::open(info).map_err(|_| RedisStoreError::Url)?;
        Ok(Self {
            client,
            address,
            timeout: options.redis_timeout,
            prefix: options.session_prefix.clone(),
        })
    }

    /// Returns the prefix of the sessions' keys.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Reads the page that starts at `cursor`. The first page starts at 0.
    pub(crate) async fn page(&self, cursor: u64) -> Result<KeyPage, RedisStoreError> {
        let read = async {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(self.timeout))
                .set_response_timeout(Some(self.timeout));
            let mut connection = self
                .client
                .get_multiplexed_async_connection_with_config(&config)
                .await?;
            self.read(&mut connection, cursor).await
        };
        read.await
            .map_err(|error| RedisStoreError::new(&error, &self.address, self.timeout))
    }

    async fn read(
        &self,
        connection: &mut MultiplexedConnection,
        cursor: u64,
    ) -> Result<KeyPage, RedisError> {
        let mut first = pipe();
        self.scan(&mut first, cursor, FIRST_SCAN);
        let ((mut next, found), total_keys): ((u64, Vec<Vec<u8>>), usize) =
            first.cmd("DBSIZE").query_async(connection).await?;
        // SCAN may return a key twice.
        let mut names: BTreeSet<_> = found.into_iter().collect();
        for _ in 1..MAX_SCANS {
            if next == 0 || names.len() >= ENOUGH {
                break;
            }
            let mut scan = pipe();
            self.scan(&mut scan, next, FURTHER_SCAN);
            let ((cursor, found),): ((u64, Vec<Vec<u8>>),) = scan.query_async(connection).await?;
            next = cursor;
            names.extend(found);
        }
        Ok(KeyPage {
            entries: self.entries(connection, names).await?,
            next_cursor: next,
            total_keys,
        })
    }

    /// Adds the command that looks for sessions among `count` keys from `cursor` on. Only string values can be sessions.
    fn scan(&self, pipeline: &mut Pipeline, cursor: u64, count: u32) {
        let mut scan = cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg(format!("{}*", escape_glob(&self.prefix)))
            .arg("COUNT")
            .arg(count)
            .arg("TYPE")
            .arg("string");
        pipeline.add_command(scan);
    }

    /// Reads the values of the keys `names` in one round trip.
    async fn entries(
        &self,
        connection: &mut MultiplexedConnection,
        names: BTreeSet<Vec<u8>>,
    ) -> Result<Vec<Entry>, RedisError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = pipe();
        for name in &names {
            // Not MGET, which would read the values in full.
            reads.cmd("GETRANGE").arg(name).arg(0).arg(MAX_BYTES - 1);
            reads.cmd("STRLEN").arg(name);
            reads.cmd("PTTL").arg(name);
        }
        let replies: Vec<deadpool_redis::redis::Value> = reads.query_async(connection).await?;
        let mut entries = Vec::with_capacity(names.len());
        for (name, reply) in names.iter().zip(replies.chunks_exact(3)) {
            let value = Vec::<u8>::from_redis_value(reply[0].clone())?;
            let length = usize::from_redis_value(reply[1].clone())?;
            // -1: no time to live; -2: deleted since the scan.
            let ttl = i64::from_redis_value(reply[2].clone())?;
            if ttl != -2 {
                let idle = u64::try_from(ttl).ok().map(Duration::from_millis);
                entries.push(Entry::new(&name[self.prefix.len()..], &value, length, idle));
            }
        }
        Ok(entries)
    }
}

/// Returns a glob pattern that matches `text` only (Redis: KEYS, "supported glob-style patterns").
fn escape_glob(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            matches!(c, '*' | '?' | '[' | ']' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}
