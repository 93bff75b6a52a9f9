//! What every request of a server may know of it.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::HeaderValue},
};

use crate::shutdown::Drain;

/// This instance, its store's name, and whether it is about to stop. Handlers find it in the application's data.
#[derive(Debug)]
pub struct InstanceInfo {
    pub(crate) instance: String,
    /// The instance again, as the `X-Served-By` header.
    pub(crate) served_by: HeaderValue,
    pub(crate) store: &'static str,
    pub(crate) drain: Drain,
    /// Paths that are requested all the time: the access log has them at the debug level.
    pub(crate) polled: &'static [&'static str],
    /// See [`Application::error_response`](crate::Application::error_response).
    pub(crate) error_response: fn(StatusCode, &str) -> HttpResponse,
}

impl InstanceInfo {
    /// The name of this instance, as in `X-Served-By`.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The name of its store.
    #[must_use]
    pub fn store(&self) -> &'static str {
        self.store
    }

    /// Whether it has been asked to stop.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.drain.stopping()
    }
}
