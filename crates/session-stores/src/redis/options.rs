//! The settings of the Redis store.

use std::time::Duration;

use deadpool_redis::redis::{ConnectionInfo, IntoConnectionInfo};

use super::error::RedisStoreError;
use crate::Timeouts;

/// The options of a [`RedisStore`](super::RedisStore).
#[derive(Clone)]
pub struct Options {
    /// Where Redis is: `redis://user:password@host:port/database`, all but the host optional. The default is
    /// `redis://127.0.0.1:6379`.
    pub url: String,
    /// The prefix of all keys in Redis; `session:` by default. In a Redis Cluster it needs a hash tag, as in
    /// `{session}:`, so that one node has all keys.
    pub prefix: String,
    /// How long to wait for Redis: for a connection, and for each reply. The default is 500 ms. In total a request
    /// waits for at most this timeout plus 100 ms.
    pub timeout: Duration,
    /// When a request first uses the new ID of a rotated session, the old ID works for this long, so that requests in
    /// flight succeed. The default is 10 seconds. A thief can use a stolen old ID until this time ends, too.
    pub rotation_grace: Duration,
    /// Whether to import the sessions that visitors bring in cookies of a [`CookieStore`](crate::CookieStore). The
    /// default is false.
    pub import_cookies: bool,
    /// How many sessions a user may have; 100 by default. A login beyond that ends the oldest one.
    pub sessions_per_user: usize,
    /// The idle and the absolute timeout.
    pub timeouts: Timeouts,
}

impl Options {
    /// Returns the address and the credentials in the URL, for code that sends other commands than the store.
    ///
    /// # Errors
    /// Returns an error if the URL can't be parsed or asks for TLS.
    pub fn connection_info(&self) -> Result<ConnectionInfo, RedisStoreError> {
        if self.url.starts_with("rediss://") {
            return Err(RedisStoreError::Tls);
        }
        let info = self
            .url
            .as_str()
            .into_connection_info()
            .map_err(|_| RedisStoreError::Url)?;
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(info.set_tcp_settings(tcp))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379".to_owned(),
            prefix: "session:".to_owned(),
            timeout: Duration::from_millis(500),
            rotation_grace: Duration::from_secs(10),
            import_cookies: false,
            sessions_per_user: 100,
            timeouts: Timeouts::default(),
        }
    }
}

/// Leaves out the URL, which may contain a password.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("prefix", &self.prefix)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
