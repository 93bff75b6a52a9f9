//! What can go wrong. No text holds a password, and none what somebody wrote.

use std::time::Duration;

use deadpool_redis::redis::RedisError;

/// Why Redis could not be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HubError {
    /// The URL can't be read. It isn't shown: there may be a password in it.
    #[error(
        "REDIS_URL is not a Redis URL; it looks like redis://:password@127.0.0.1:6379 (in a password, write / as %2F, @ as %40)"
    )]
    Url,
    /// The URL asks for TLS.
    #[error(
        "REDIS_URL begins with rediss://, and the messages do not speak TLS; use redis://, or a tunnel"
    )]
    Tls,
    /// No connection, or it broke. What was to be published has not been, or has and the answer was lost.
    #[error("cannot reach Redis at {address}: {reason}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// No answer in time. What was to be published may still be: a frozen Redis, once it goes on, does what it was told.
    #[error("Redis at {address} did not answer within {}", humantime::format_duration(*.timeout))]
    TimedOut {
        /// Host and port.
        address: String,
        /// How long it was waited for.
        timeout: Duration,
    },
    /// Redis answered with an error: a password is wrong or missing, or the user may not use the channel.
    #[error("Redis at {address}: {reason}")]
    Answer {
        /// Host and port.
        address: String,
        /// What Redis said.
        reason: String,
    },
    /// The hub is closed: this server is stopping.
    #[error("the messages are closed: the server is stopping")]
    Closed,
}

impl HubError {
    /// `error` of the Redis at `address`, which was waited for `timeout`.
    pub(crate) fn new(error: &RedisError, address: &str, timeout: Duration) -> Self {
        let address = address.to_owned();
        if error.is_timeout() {
            Self::TimedOut { address, timeout }
        } else if error.is_connection_refusal() {
            Self::Unreachable {
                address,
                reason: "connection refused".to_owned(),
            }
        } else if error.is_io_error()
            || error.is_connection_dropped()
            || error.is_unrecoverable_error()
        {
            Self::Unreachable {
                address,
                reason: error.to_string(),
            }
        } else {
            Self::Answer {
                address,
                reason: error.to_string(),
            }
        }
    }
}

/// Why a message was not published.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PublishError {
    /// Too many bytes. For the client: 413.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// `from` or `message`, as the event calls it.
        field: &'static str,
        /// The most there may be.
        limit: usize,
    },
    /// For the client: 503, without the text, which is for the log.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// Why there is no stream for one more reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooManyStreams {
    /// The session has as many as it may. For the client: 429.
    #[error("this session has {0} streams open already")]
    OfThisSession(usize),
    /// The instance has as many as it may. For the client: 503.
    #[error("{0} streams are open already")]
    InAll(usize),
}
