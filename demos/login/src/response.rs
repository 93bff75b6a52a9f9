//! A response that several handlers use.

use actix_web::{HttpResponse, http::header::LOCATION};

/// Redirects to `path` with 303, so the browser sends a GET whatever the method was.
pub(crate) fn see_other(path: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}
