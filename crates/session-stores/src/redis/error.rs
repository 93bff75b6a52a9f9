//! The errors of the Redis store. No message contains a password.

use std::time::Duration;

use deadpool_redis::{
    PoolError,
    redis::{ErrorKind, RedisError},
};

use crate::StoreError;

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
    /// Redis has no `GETEX`.
    #[error("Redis at {address} is too old: it is version {version}, and 6.2 or newer is needed")]
    TooOld { address: String, version: String },
    /// The server speaks another protocol.
    #[error("the server at {address} is not Redis; check the port in REDIS_URL")]
    NotRedis { address: String },
    /// Redis replied with another error. The code is its first word, such as `OOM`.
    #[error("Redis at {address}: {reason}")]
    Answer {
        address: String,
        code: Option<String>,
        reason: String,
    },
}

impl RedisStoreError {
    /// Converts `error` of the Redis at `address`, for a command that waited for at most `timeout`.
    pub fn new(error: &RedisError, address: &str, timeout: Duration) -> Self {
        let address = address.to_owned();
        if error.is_timeout() {
            return Self::TimedOut { address, timeout };
        }
        match (error.kind(), error.code()) {
            (_, Some("NOAUTH")) => Self::PasswordWanted { address },
            (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => {
                Self::PasswordRefused { address }
            }
            (ErrorKind::Io, _) => {
                let reason = if error.is_connection_refusal() {
                    "connection refused".to_owned()
                } else {
                    error.to_string()
                };
                Self::Unreachable { address, reason }
            }
            (ErrorKind::Parse, _) => Self::NotRedis { address },
            (kind, code) => {
                // The redis crate has no kind for errors such as OOM. Show those as Redis wrote them, so that people
                // find them.
                let unknown = if kind == ErrorKind::Extension {
                    code.zip(error.detail())
                } else {
                    None
                };
                let reason = unknown.map(|(code, detail)| format!("{code} {detail}"));
                Self::Answer {
                    address,
                    code: code.map(str::to_owned),
                    reason: reason.unwrap_or_else(|| error.to_string()),
                }
            }
        }
    }

    /// Returns whether Redis may have run the command.
    pub(super) fn is_lost_reply(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Unreachable { .. })
    }

    /// Returns the code of the error that Redis replied.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Answer { code, .. } => code.as_deref(),
            _ => None,
        }
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

impl From<RedisStoreError> for StoreError {
    fn from(error: RedisStoreError) -> Self {
        Self::failed(error)
    }
}
