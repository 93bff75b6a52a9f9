//! The errors of this crate. None of them contains a password or the text of a message.

use std::time::Duration;

use deadpool_redis::redis::RedisError;

/// Why Redis could not be used.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum HubError {
    /// There is no connection, or it broke. In the second case Redis may still have published the message.
    #[error("cannot reach Redis at {address}: {reason}")]
    Unreachable { address: String, reason: String },
    /// Redis did not answer in time. It may still publish the message, for example when it was frozen and goes on.
    #[error("Redis at {address} did not answer within {}", humantime::format_duration(*.timeout))]
    TimedOut { address: String, timeout: Duration },
    /// Redis answered with an error. A password is wrong or missing, or the user has no permission for the channel.
    #[error("Redis at {address}: {reason}")]
    Rejected { address: String, reason: String },
    /// The hub is closed because this server is stopping.
    #[error("the messages are closed: the server is stopping")]
    Closed,
}

impl HubError {
    /// Converts an `error` of the Redis at `address`, to which `timeout` applies.
    pub(crate) fn new(error: &RedisError, address: &str, timeout: Duration) -> Self {
        let address = address.to_owned();
        if error.is_timeout() {
            return Self::TimedOut { address, timeout };
        }
        let refused = error.is_connection_refusal();
        let reason = if refused {
            "connection refused".to_owned()
        } else {
            error.to_string()
        };
        let dropped = error.is_connection_dropped() || error.is_unrecoverable_error();
        if refused || dropped || error.is_io_error() {
            Self::Unreachable { address, reason }
        } else {
            Self::Rejected { address, reason }
        }
    }
}

/// Why a message was not published.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum PublishError {
    /// A field is too long. Answer the client with 413.
    #[error("{field} is longer than {limit} bytes")]
    TooLong { field: &'static str, limit: usize },
    /// Redis could not be used. Answer the client with 503, and write the error to the log only.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// Why another stream cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooManyStreams {
    /// The user has reached the limit. Answer the client with 429 and `Retry-After`.
    #[error("this user has {0} streams open already")]
    OfUser(usize),
    /// The instance has reached its limit. Answer the client with 503 and `Retry-After`.
    #[error("{0} streams are open already")]
    OnInstance(usize),
}
