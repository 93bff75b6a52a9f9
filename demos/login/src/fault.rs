//! What a client is told when something is wrong: what it can mend, and nothing of how the server works.

use std::{borrow::Cow, fmt};

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError, body::BoxBody, http::StatusCode,
};
use serde::Serialize;

/// An error as a client sees it: `{"error":"…","field":"userId"}`.
///
/// The text is the server's own, always: nothing that the client has sent is repeated in it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    #[serde(skip)]
    status: StatusCode,
    error: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, error: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            error: error.into(),
            field: None,
        }
    }

    /// Names what is wrong: a field, a header, or the `body`.
    pub(crate) fn of(self, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }

    /// Whoever asks has to sign in first.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(StatusCode::FORBIDDEN, "sign in first")
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn text(&self) -> &str {
        &self.error
    }

    pub(crate) fn answer(&self) -> HttpResponse {
        HttpResponse::build(self.status).json(self)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.answer()
    }
}

impl Responder for Fault {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.answer()
    }
}
