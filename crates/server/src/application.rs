//! The application that a server serves, and two helpers for its routes.

use actix_session::storage::SessionStore;
use actix_web::{
    HttpResponse, Route,
    guard::{Any, Get, Head},
    http::StatusCode,
    web::{self, ServiceConfig},
};

use crate::{Sessions, error_text::set_error_text};

/// A web application with the sessions of actix-session. Each worker has a clone of it.
///
/// The server itself adds health checks, the access log, the `X-Served-By` header and the shutdown.
pub trait Application<S: SessionStore + 'static>: Clone + Send + 'static {
    /// Registers the routes. Wrap those that need a session with `sessions`. The others keep working when the store is
    /// down.
    fn routes(&self, config: &mut ServiceConfig, sessions: &Sessions<S>);
}

/// Returns a response with one line of text. If it is an error, a browser gets a page with the text.
pub fn plain_text(status: StatusCode, text: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(format!("{text}\n"));
    if !status.is_success() {
        set_error_text(&mut response, text);
    }
    response
}

/// Returns a route for GET and HEAD. A server must support HEAD wherever it supports GET (RFC 9110, section 9.1).
pub fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}
