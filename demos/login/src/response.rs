//! Parts of responses that several handlers use.

use actix_web::{HttpResponse, cookie::Cookie, http::header::LOCATION};

/// The cookie that makes a browser remove the session cookie.
pub(crate) struct RemovalCookie(pub(crate) Cookie<'static>);

/// Redirects to `path` with 303, so the browser sends a GET whatever the method was.
pub(crate) fn see_other(path: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}
