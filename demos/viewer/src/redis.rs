//! A page of keys and what lies under them.
//!
//! `SCAN` looks at a bounded number of keys and says where to go on; `KEYS` would keep everybody waiting until it has
//! seen all. Nothing here renews an idle timeout: only a visit does.

use std::{collections::BTreeSet, time::Duration};

use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, FromRedisValue, Pipeline, RedisError,
    aio::MultiplexedConnection, cmd, pipe,
};
use session_stores::{RedisStoreError, redis::Options};

use crate::entry::Entry;

/// Keys that one `SCAN` looks at, and so about what a page has of them: where sessions are few among other keys, less.
const STEP: u32 = 100;
/// Keys that each further one looks at, where those were not sessions.
const STRIDE: u32 = 1000;
/// With as many a page is worth showing.
const ENOUGH: usize = 50;
/// After as many a page is shown with what was found.
const MOST_STEPS: usize = 20;
/// Bytes read of one value. What is longer is told and not shown: a page stays a page.
const MOST_BYTES: usize = 64 * 1024;

/// Where the sessions lie.
///
/// Each page takes a connection of its own. A few of them each second cost nothing to speak of, and one that is fresh
/// is never the one that broke.
pub(crate) struct Redis {
    client: Client,
    address: String,
    timeout: Duration,
    prefix: String,
}

/// Some keys, and where to go on.
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// The cursor of the next page; 0 after the last.
    pub(crate) next: u64,
    /// How many keys there are in all, sessions or not.
    pub(crate) keys: u64,
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

    /// How keys of sessions begin.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The page that begins at `cursor`; the first one begins at 0.
    pub(crate) async fn page(&self, cursor: u64) -> Result<Page, RedisStoreError> {
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
    ) -> Result<Page, RedisError> {
        let mut first = pipe();
        self.scan(&mut first, cursor, STEP);
        let ((mut next, found), keys): ((u64, Vec<Vec<u8>>), u64) =
            first.cmd("DBSIZE").query_async(connection).await?;
        // SCAN may tell a key twice.
        let mut names: BTreeSet<_> = found.into_iter().collect();
        for _ in 1..MOST_STEPS {
            if next == 0 || names.len() >= ENOUGH {
                break;
            }
            let mut further = pipe();
            self.scan(&mut further, next, STRIDE);
            let ((cursor, found),): ((u64, Vec<Vec<u8>>),) =
                further.query_async(connection).await?;
            next = cursor;
            names.extend(found);
        }
        Ok(Page {
            entries: self.entries(connection, names).await?,
            next,
            keys,
        })
    }

    /// Adds the command that looks for sessions among `count` keys from `cursor` on. What isn't a text is no session.
    fn scan(&self, pipeline: &mut Pipeline, cursor: u64, count: u32) {
        let mut scan = cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg(format!("{}*", literally(&self.prefix)))
            .arg("COUNT")
            .arg(count)
            .arg("TYPE")
            .arg("string");
        pipeline.add_command(scan);
    }

    /// What lies under `names`, in one round trip.
    async fn entries(
        &self,
        connection: &mut MultiplexedConnection,
        names: BTreeSet<Vec<u8>>,
    ) -> Result<Vec<Entry>, RedisError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut ask = pipe();
        for name in &names {
            // As MGET, of a bounded part of each value.
            ask.cmd("GETRANGE").arg(name).arg(0).arg(MOST_BYTES - 1);
            ask.cmd("STRLEN").arg(name);
            ask.cmd("PTTL").arg(name);
        }
        let answers: Vec<deadpool_redis::redis::Value> = ask.query_async(connection).await?;
        let mut entries = Vec::with_capacity(names.len());
        for (name, answer) in names.iter().zip(answers.chunks_exact(3)) {
            let value = Vec::<u8>::from_redis_value(answer[0].clone())?;
            let length = usize::from_redis_value(answer[1].clone())?;
            // -1: no time to live; -2: gone since it was found.
            let ttl = i64::from_redis_value(answer[2].clone())?;
            if ttl != -2 {
                let left = u64::try_from(ttl).ok().map(Duration::from_millis);
                entries.push(Entry::new(&name[self.prefix.len()..], &value, length, left));
            }
        }
        Ok(entries)
    }
}

/// `text` as a pattern that nothing else matches (Redis: KEYS, "supported glob-style patterns").
fn literally(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            matches!(c, '*' | '?' | '[' | ']' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(super::literally(r"a*[b]?\:"), r"a\*\[b\]\?\\:");
    }
}
