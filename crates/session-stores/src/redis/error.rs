//! The errors of the Redis store. No message contains a password.

use std::time::Duration;

use deadpool_redis::{
    PoolError,
    redis::{ErrorKind, RedisError},
};

/// The error of a command to Redis.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum RedisStoreError {
    /// The URL can't be parsed. The message does not show it, because it may contain a password.
    #[error(
        "REDIS_URL is not a Redis URL; it looks like redis://:password@127.0.0.1:6379/0 (in a password, write / as %2F, @ as %40)"
    )]
    Url,
    /// The URL asks for TLS.
    #[error(
        "REDIS_URL begins with rediss://, and this store does not speak TLS; use redis://, or a tunnel"
    )]
    Tls,
    /// No connection could be opened.
    #[error(
        "cannot reach Redis at {address}: {reason}; start it with `redis-server`, or name another with --redis-url or REDIS_URL"
    )]
    Unreachable { address: String, reason: String },
    /// There was no reply in time: the server is frozen, overloaded, or not Redis.
    #[error("Redis at {address} did not answer within {}", humantime::format_duration(*.timeout))]
    TimedOut { address: String, timeout: Duration },
    /// Redis requires a password, and none was given.
    #[error(
        "Redis at {address} wants a password (NOAUTH): set it in REDIS_URL, as in redis://:PASSWORD@{address}"
    )]
    PasswordWanted { address: String },
    /// The password or the user is wrong.
    #[error("Redis at {address} refused the password in REDIS_URL")]
    PasswordRefused { address: String },
    /// Redis does not know `GETEX`.
    #[error("Redis at {address} is too old: it has no GETEX; version 6.2 or newer is needed")]
    TooOld { address: String },
    /// The server speaks another protocol.
    #[error("the server at {address} is not Redis; check the port in REDIS_URL")]
    NotRedis { address: String },
    /// Redis replied with another error.
    #[error("Redis at {address}: {reason}")]
    Answer { address: String, reason: String },
}

impl RedisStoreError {
    /// Converts `error` of the Redis at `address`, for a command that waited for at most `timeout`.
    #[must_use]
    pub fn new(error: &RedisError, address: &str, timeout: Duration) -> Self {
        let address = address.to_owned();
        let text = error.to_string();
        // The redis crate wraps the server's reply to AUTH in an error of its own, so the code may only be in the text.
        let has = |code: &str| error.code() == Some(code) || text.contains(code);
        if error.is_timeout() {
            Self::TimedOut { address, timeout }
        } else if has("NOAUTH") {
            Self::PasswordWanted { address }
        } else if has("WRONGPASS") || error.kind() == ErrorKind::AuthenticationFailed {
            Self::PasswordRefused { address }
        } else if error.is_io_error() {
            let reason = if error.is_connection_refusal() {
                "connection refused".to_owned()
            } else {
                text
            };
            Self::Unreachable { address, reason }
        } else if error.kind() == ErrorKind::Parse {
            Self::NotRedis { address }
        } else if text.contains("unknown command") {
            Self::TooOld { address }
        } else {
            // The redis crate has no kind for errors such as OOM. Show those as Redis wrote them, so that people find
            // them.
            let unknown = if error.kind() == ErrorKind::Extension {
                error.code().zip(error.detail())
            } else {
                None
            };
            let reason = unknown.map_or(text, |(code, detail)| format!("{code} {detail}"));
            Self::Answer { address, reason }
        }
    }

    /// Returns whether the key holds a value of another type than the command expects.
    pub(super) fn is_wrong_type(&self) -> bool {
        matches!(self, Self::Answer { reason, .. } if reason.contains("WRONGTYPE"))
    }

    /// Converts an error of the pool, as [`new`](Self::new).
    pub(super) fn of_pool(error: PoolError, address: &str, timeout: Duration) -> Self {
        match error {
            PoolError::Backend(error) => Self::new(&error, address, timeout),
            PoolError::Timeout(_) => Self::TimedOut {
                address: address.to_owned(),
                timeout,
            },
            other => Self::Unreachable {
                address: address.to_owned(),
                reason: other.to_string(),
            },
        }
    }
}
