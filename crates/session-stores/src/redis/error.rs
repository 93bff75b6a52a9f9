//! The errors of the Redis store. No message contains a password.

use std::{fmt, path::PathBuf, time::Duration};

use deadpool_redis::{
    PoolError,
    redis::{ErrorKind, RedisError},
};

use crate::StoreError;

/// The error of a command to Redis.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum RedisStoreError {
    /// The URL can't be parsed. Parts that may contain a password are replaced by `…`.
    #[error(
        "{url} is not a Redis URL; use redis://user:password@host:port/database, rediss:// for TLS, or \
         redis+unix:///path of a socket (in a password, write / as %2F, @ as %40)"
    )]
    Url { url: String },
    /// The URL asks for TLS in a way that is not possible.
    #[error("cannot use TLS as in {url}: {reason}")]
    Tls { url: String, reason: &'static str },
    /// The file with the certificates of authorities can't be used.
    #[error("cannot use the CA file {}: {reason}", .path.display())]
    CaFile { path: PathBuf, reason: String },
    /// No connection could be opened.
    #[error("cannot reach Redis at {address}: {reason}")]
    Unreachable { address: String, reason: String },
    /// There was no reply in time: the server is frozen, overloaded, or not Redis.
    #[error("Redis at {address} did not answer within {}", humantime::format_duration(*.timeout))]
    TimedOut { address: String, timeout: Duration },
    /// Redis requires a password, and none was given.
    #[error("Redis at {address} wants a password (NOAUTH)")]
    PasswordWanted { address: String },
    /// The password or the user is wrong.
    #[error("Redis at {address} refused the password")]
    PasswordRefused { address: String },
    /// Redis has no `GETEX`.
    #[error("Redis at {address} is too old: it is version {version}, and 6.2 or newer is needed")]
    TooOld { address: String, version: String },
    /// The server speaks another protocol.
    #[error("the server at {address} is not Redis; check the port")]
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

/// Writes the message. Rust shows an error that `main` returns with `Debug`.
impl fmt::Debug for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<RedisStoreError> for StoreError {
    fn from(error: RedisStoreError) -> Self {
        Self::failed(error)
    }
}
