//! Reads a page of keys and their values from Redis.
//!
//! `SCAN` visits a bounded number of keys and returns a cursor for the next call. `KEYS` would block Redis until it has
//! visited all keys. None of the commands extends an idle timeout.

use std::{collections::BTreeSet, time::Duration};

use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, RedisError, aio::MultiplexedConnection, cmd, pipe,
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
    /// Host and port.
    pub(crate) address: String,
    timeout: Duration,
    /// The prefix of the sessions' keys.
    pub(crate) prefix: String,
}

/// A page of keys.
pub(crate) struct KeyPage {
    /// Where the page starts; 0 is the first.
    pub(crate) cursor: u64,
    pub(crate) entries: Vec<Entry>,
    /// The cursor of the next page; 0 after the last.
    pub(crate) next_cursor: u64,
    /// The number of all keys in Redis, sessions or not.
    pub(crate) total_keys: usize,
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

    /// Reads the page that starts at `cursor`.
    pub(crate) async fn page(&self, cursor: u64) -> Result<KeyPage, RedisStoreError> {
        self.read(cursor)
            .await
            .map_err(|error| RedisStoreError::new(&error, &self.address, self.timeout))
    }

    async fn read(&self, cursor: u64) -> Result<KeyPage, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let total_keys = cmd("DBSIZE").query_async(&mut connection).await?;
        // SCAN may return a key twice.
        let mut names = BTreeSet::new();
        let mut next_cursor = cursor;
        for scans in 0..MAX_SCANS {
            let count = if scans == 0 { FIRST_SCAN } else { FURTHER_SCAN };
            let found: Vec<Vec<u8>>;
            (next_cursor, found) = cmd("SCAN")
                .arg(next_cursor)
                .arg(&["MATCH", &format!("{}*", escape_glob(&self.prefix))])
                // Only string values can be sessions.
                .arg(&["TYPE", "string"])
                .arg("COUNT")
                .arg(count)
                .query_async(&mut connection)
                .await?;
            names.extend(found);
            if next_cursor == 0 || names.len() >= ENOUGH {
                break;
            }
        }
        Ok(KeyPage {
            cursor,
            entries: self.entries(&mut connection, &names).await?,
            next_cursor,
            total_keys,
        })
    }

    /// Reads the values of the keys `names` in one round trip.
    async fn entries(
        &self,
        connection: &mut MultiplexedConnection,
        names: &BTreeSet<Vec<u8>>,
    ) -> Result<Vec<Entry>, RedisError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads = pipe();
        for name in names {
            // Not MGET, which would read the values in full.
            reads.cmd("GETRANGE").arg(name).arg(0).arg(MAX_BYTES - 1);
            reads.cmd("STRLEN").arg(name);
            reads.cmd("PTTL").arg(name);
        }
        let values: Vec<(Vec<u8>, usize, i64)> = reads.query_async(connection).await?;
        let entries = names.iter().zip(values);
        Ok(entries
            // The time to live is -1 if there is none, and -2 if the key was deleted since the scan.
            .filter(|(_, (.., ttl))| *ttl != -2)
            .map(|(name, (value, length, ttl))| {
                let idle = u64::try_from(ttl).ok().map(Duration::from_millis);
                Entry::new(&name[self.prefix.len()..], &value, length, idle)
            })
            .collect())
    }
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
