//! The errors that a client sees. They contain what the client can fix, and nothing of how the
//! server works.

use std::{borrow::Cow, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

/// An error response: `{"error":"…","field":"userId"}`.
///
/// The message is always the server's own. It never repeats what the client sent.
#[derive(Debug, Serialize)]
pub(crate) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    #[serde(rename = "error")]
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            field: None,
        }
    }

    /// Creates the error for a request of a visitor who is not logged in.
    pub(crate) fn not_logged_in() -> Self {
        Self::new(StatusCode::FORBIDDEN, "log in first")
    }

    /// Names the part of the request that is wrong: a field, a header, or the `body`.
    pub(crate) fn for_field(self, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status).json(self)
    }
}
