//! The errors of a session.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use session_stores::StoreError;

use crate::layer::plain_text;

/// Why a session could not be read or written.
///
/// A handler can return it with `?`. The layer then answers with its own error response, which does not name the cause,
/// and logs the cause. `examples/visits.rs` has such a handler.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The session ended while the request was in flight. Nothing was written. The client gets 409.
    #[error("the session has ended")]
    Ended,
    /// The store failed or took too long. The client gets 503. If the session has become too large, it gets 413, and if
    /// the index of the user's sessions is incomplete, 409.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The value of an entry is not of the type that was asked for, or can't be written as JSON. The client gets 500.
    #[error("the entry {name} can't be converted: {source}")]
    Entry {
        /// The name of the entry.
        name: String,
        /// The problem with it.
        source: serde_json::Error,
    },
}

impl SessionError {
    /// Returns what makes an error of a problem with the entry called `name`.
    pub(crate) fn in_entry(name: &str) -> impl Fn(serde_json::Error) -> Self {
        move |source| Self::Entry {
            name: name.to_owned(),
            source,
        }
    }

    /// Returns what the client may know.
    pub(crate) fn public_message(&self) -> &'static str {
        match self {
            Self::Ended => "the session has ended; load the page again",
            Self::Store(StoreError::TooLarge { .. }) => {
                "the session has become too large; nothing was changed"
            }
            Self::Store(StoreError::IncompleteIndex) => {
                "the list of your sessions is incomplete, so nothing was ended"
            }
            Self::Store(_) => "the session store is not available; try again in a moment",
            Self::Entry { .. } => "the session cannot be read",
        }
    }
}

impl ResponseError for SessionError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Ended | Self::Store(StoreError::IncompleteIndex) => StatusCode::CONFLICT,
            Self::Store(StoreError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Entry { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        plain_text(self.status_code(), self.public_message())
    }
}
