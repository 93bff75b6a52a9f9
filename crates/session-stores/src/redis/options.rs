//! The settings of the Redis store.

use std::{path::PathBuf, time::Duration};

use deadpool_redis::redis::ConnectionInfo;

use super::{error::RedisStoreError, url};
use crate::Timeouts;

/// The options of a [`RedisStore`](super::RedisStore).
///
/// ```
/// let mut options = session_stores::redis::Options::new("redis://app:secret@redis.internal:6379/0");
/// options.prefix = "shop:".to_owned();
/// options.timeouts.idle = Some(std::time::Duration::from_secs(60 * 60));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Where Redis is. The default is `redis://127.0.0.1:6379`.
    ///
    /// - `redis://user:password@host:port/database`, all but the host optional. In the user and the password, write `/`
    ///   as `%2F` and `@` as `%40`.
    /// - `rediss://…`, the same with TLS. It needs the feature `redis-tls`.
    /// - `redis+unix:///path/of/the/socket?db=0&user=app&pass=password`, or the same with `unix://`.
    ///
    /// `valkey` may replace `redis`.
    pub url: String,
    /// A file with the certificates, in PEM format, of the authorities that `rediss://` trusts instead of the system's.
    /// The environment variable `SSL_CERT_FILE` names another file of the system's.
    pub ca_file: Option<PathBuf>,
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
    /// Imports the sessions that actix-session's `RedisSessionStore` has stored in the same database of Redis. `None`,
    /// the default, imports none.
    pub import_actix_sessions: Option<ActixSessions>,
    /// How many sessions a user may have; 100 by default. A login beyond that ends the oldest one.
    pub sessions_per_user: usize,
    /// The idle and the absolute timeout. The default is 30 minutes and 12 hours.
    pub timeouts: Timeouts,
}

impl Options {
    /// Creates the default options for the Redis at `url`; see the field [`url`](Self::url).
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }

    /// Returns where and how to connect, for code that sends other commands than the store.
    ///
    /// ```
    /// let options = session_stores::redis::Options::new("redis+unix:///run/redis.sock?db=1");
    /// assert_eq!(options.connection_info()?.addr().to_string(), "/run/redis.sock");
    /// # Ok::<(), session_stores::RedisStoreError>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the URL or the file of the authorities can't be used.
    pub fn connection_info(&self) -> Result<ConnectionInfo, RedisStoreError> {
        url::parse(&self.url, self.ca_file.as_deref())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379".to_owned(),
            ca_file: None,
            prefix: "session:".to_owned(),
            timeout: Duration::from_millis(500),
            rotation_grace: Duration::from_secs(10),
            import_cookies: false,
            import_actix_sessions: None,
            sessions_per_user: 100,
            timeouts: Timeouts::default(),
        }
    }
}

/// The sessions that actix-session's `RedisSessionStore` has stored.
///
/// ```
/// use session_stores::redis::{ActixSessions, Options};
///
/// let mut sessions = ActixSessions::default();
/// sessions.user_entry = Some("user_id".to_owned());
/// let mut options = Options::default();
/// options.import_actix_sessions = Some(sessions);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ActixSessions {
    /// The text that the application's `cache_keygen` puts before the session key. By default it is empty, as in
    /// actix-session.
    pub prefix: String,
    /// The entry with the user who is logged in, as a text or a number. actix-identity's is `actix_identity.user_id`.
    /// The imported session then belongs to this user. Without it, an imported session has no user.
    pub user_entry: Option<String>,
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
