//! The application that a server serves, and two helpers for its routes.

use actix_session::storage::SessionStore;
use actix_web::{
    HttpResponse, Route,
    cookie::time::Duration,
    guard::{Any, Get, Head},
    http::StatusCode,
    web,
};

use crate::Sessions;

/// A web application. Each worker has a clone of it.
///
/// The server itself adds health checks, the access log, the `X-Served-By` header and the shutdown.
pub trait Application<S: SessionStore + 'static>: Clone + Send + 'static {
    /// Registers the routes. Wrap those that need a session with `sessions`. The others keep working when the store is
    /// down.
    fn routes(&self, config: &mut web::ServiceConfig, sessions: &Sessions<S>);

    /// Returns how long a browser keeps the session cookie, counted from the last response. `None` keeps it until the
    /// browser is closed.
    fn cookie_age(&self) -> Option<Duration> {
        None
    }

    /// Builds the response for an error that no handler sees: the store is unavailable, or the request comes from
    /// another site's page.
    #[must_use]
    fn error_response(status: StatusCode, text: &str) -> HttpResponse {
        plain_text(status, text)
    }

    /// Runs once, when the server has received a signal to stop. Requests in flight are still being served.
    fn on_shutdown(&self) {}
}

/// Returns a response with one line of text.
#[must_use]
pub fn plain_text(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(format!("{text}\n"))
}

/// Returns a route for GET and HEAD. A server must support HEAD wherever it supports GET (RFC 9110, section 9.1).
#[must_use]
pub fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}
