//! The errors that a client sees. They contain what the client can fix, and nothing of how the
//! server works.

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
};
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
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            field: None,
            retry_after: None,
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

    /// Asks the client to wait before it tries again.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// Adds the header `Retry-After`, in whole seconds, to `response` if the client should wait.
    pub(crate) fn with_headers(&self, mut response: HttpResponse) -> HttpResponse {
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            let seconds = HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
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
        let mut response = HttpResponse::build(self.status).json(self);
        server::set_error_text(&mut response, &self.message);
        self.with_headers(response)
    }
}
