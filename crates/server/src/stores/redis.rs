//! The command line of [`RedisStore`].

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use anyhow::anyhow;
use clap::builder::BoolishValueParser;
use humantime::{format_duration, parse_duration};
use session_stores::{RedisStore, RedisStoreError, redis};

use crate::timeouts::TimeoutFlags;

/// The store's name in pages and logs.
pub const NAME: &str = "redis";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in Redis: restarts keep them, and every server sees them";

/// The options of a [`RedisStore`].
#[derive(Clone, clap::Args)]
pub struct Options {
    /// Where Redis is: redis://user:password@host:port/database, all but the host optional; or rediss: for TLS, or
    /// unix: and the path of a socket
    // A plain text, so that no error of the command line shows the password in it.
    #[arg(long, env = "REDIS_URL", value_name = "URL", default_value_t = defaults().url, hide_env_values = true)]
    redis_url: String,

    /// File with the certificates (PEM) that rediss:// trusts [default: the system's]
    #[arg(long, env = "REDIS_CA_FILE", value_name = "FILE")]
    redis_ca_file: Option<PathBuf>,

    /// Prefix of the names of all session keys in Redis
    #[arg(long, env = "SESSION_PREFIX", value_name = "TEXT", default_value_t = defaults().prefix)]
    session_prefix: String,

    /// How long to wait for Redis: for a connection, and for each reply
    #[arg(
        long,
        env = "REDIS_TIMEOUT",
        value_name = "TIME",
        default_value_t = defaults().timeout.into(),
        value_parser = within(Duration::from_millis(1)..=Duration::from_secs(30))
    )]
    redis_timeout: humantime::Duration,

    /// How long the old ID of a rotated session redirects to it, for requests in flight; 0 = not at all
    #[arg(
        long,
        env = "ROTATION_GRACE",
        value_name = "TIME",
        default_value_t = defaults().rotation_grace.into(),
        // It must be short, because a stolen ID works for as long.
        value_parser = within(Duration::ZERO..=Duration::from_secs(60))
    )]
    rotation_grace: humantime::Duration,

    /// Import the sessions that visitors bring in cookies of demo-cookie, signed with the same key
    #[arg(long, env = "MIGRATE_COOKIES", value_parser = BoolishValueParser::new())]
    migrate_cookies: bool,

    #[command(flatten)]
    timeouts: TimeoutFlags,
}

impl Options {
    /// Connects to Redis. Only the file store uses the server's port.
    pub async fn open(self, _port: u16) -> anyhow::Result<RedisStore> {
        connect(&self.into()).await
    }
}

/// Connects to Redis. An error names the setting to change.
pub async fn connect(options: &redis::Options) -> anyhow::Result<RedisStore> {
    let store = RedisStore::connect(options.clone()).await;
    store.map_err(|error| anyhow!("{error}{}", advice(&error)))
}

/// Returns the end of an error at the start: which setting to change.
fn advice(error: &RedisStoreError) -> &'static str {
    match error {
        RedisStoreError::Unreachable { .. } => {
            "; start it with `redis-server`, or name another with --redis-url or REDIS_URL"
        }
        RedisStoreError::Url { .. } | RedisStoreError::Tls { .. } => {
            "; correct --redis-url or REDIS_URL"
        }
        RedisStoreError::CaFile { .. } => "; correct --redis-ca-file or REDIS_CA_FILE",
        RedisStoreError::PasswordWanted { .. } => {
            ": set it in REDIS_URL, as in redis://:PASSWORD@host:port"
        }
        RedisStoreError::PasswordRefused { .. } | RedisStoreError::NotRedis { .. } => {
            " in REDIS_URL"
        }
        _ => "",
    }
}

impl From<Options> for redis::Options {
    fn from(options: Options) -> Self {
        let mut to = Self::default();
        to.url = options.redis_url;
        to.ca_file = options.redis_ca_file;
        to.prefix = options.session_prefix;
        to.timeout = options.redis_timeout.into();
        to.rotation_grace = options.rotation_grace.into();
        to.import_cookies = options.migrate_cookies;
        to.timeouts = options.timeouts.into();
        to
    }
}

fn defaults() -> redis::Options {
    redis::Options::default()
}

/// Returns a parser of times in `range`.
fn within(
    range: RangeInclusive<Duration>,
) -> impl Fn(&str) -> Result<humantime::Duration, String> + Clone {
    move |text| {
        let time = parse_duration(text).map_err(|error| error.to_string())?;
        if range.contains(&time) {
            return Ok(time.into());
        }
        let [min, max] = [range.start(), range.end()].map(|limit| format_duration(*limit));
        Err(format!("use a time from {min} to {max}"))
    }
}
