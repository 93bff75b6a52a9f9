//! The settings of the Redis store.

use std::time::Duration;

use clap::builder::BoolishValueParser;
use deadpool_redis::redis::{ConnectionInfo, IntoConnectionInfo};

use super::error::RedisStoreError;
use crate::Timeouts;

/// The options of a [`RedisStore`](super::RedisStore).
#[derive(Clone, clap::Args)]
pub struct Options {
    /// Where Redis is: redis://user:password@host:port/database, all but the host optional
    // A plain text, so that no error of the command line shows the password in it.
    #[arg(long, env = "REDIS_URL", value_name = "URL", default_value = Self::DEFAULT_URL, hide_env_values = true)]
    pub redis_url: String,

    /// Prefix of the names of all session keys in Redis
    #[arg(long, env = "SESSION_PREFIX", value_name = "TEXT", default_value = Self::DEFAULT_PREFIX)]
    pub session_prefix: String,

    /// How long to wait for Redis: for a connection, and for each reply
    #[arg(long, env = "REDIS_TIMEOUT", value_name = "TIME", default_value = "500ms", value_parser = bounded)]
    pub redis_timeout: Duration,

    /// How long the old ID of a rotated session redirects to it, for requests in flight
    #[arg(long, env = "ROTATION_GRACE", value_name = "TIME", default_value = "10s", value_parser = short)]
    pub rotation_grace: Duration,

    /// Import the sessions that visitors bring in cookies of demo-cookie, signed with the same key
    #[arg(long, env = "MIGRATE_COOKIES", value_parser = BoolishValueParser::new())]
    pub migrate_cookies: bool,

    /// The idle and the absolute timeout.
    #[command(flatten)]
    pub timeouts: Timeouts,
}

impl Options {
    const DEFAULT_URL: &str = "redis://127.0.0.1:6379";
    const DEFAULT_PREFIX: &str = "session:";

    /// Returns the address and the credentials in the URL, for code that sends other commands than the store.
    ///
    /// # Errors
    /// Returns an error if the URL can't be parsed or asks for TLS.
    pub fn connection_info(&self) -> Result<ConnectionInfo, RedisStoreError> {
        if self.redis_url.starts_with("rediss://") {
            return Err(RedisStoreError::Tls);
        }
        let info = self
            .redis_url
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
            redis_url: Self::DEFAULT_URL.to_owned(),
            session_prefix: Self::DEFAULT_PREFIX.to_owned(),
            redis_timeout: Duration::from_millis(500),
            rotation_grace: Duration::from_secs(10),
            migrate_cookies: false,
            timeouts: Timeouts::default(),
        }
    }
}

/// Leaves out the URL, which may contain a password.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("session_prefix", &self.session_prefix)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

fn bounded(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let range = Duration::from_millis(1)..=Duration::from_secs(30);
    if range.contains(&time) {
        Ok(time)
    } else {
        Err("the wait for Redis is between 1ms and 30s".to_owned())
    }
}

/// Parses the grace. It must be short, because a stolen ID works for as long.
fn short(text: &str) -> Result<Duration, String> {
    let time = if text == "0" {
        Duration::ZERO
    } else {
        humantime::parse_duration(text).map_err(|error| error.to_string())?
    };
    if time <= Duration::from_secs(60) {
        Ok(time)
    } else {
        Err("the grace of a rotation is at most 1m; 0 means none".to_owned())
    }
}
