//! The server's description of itself, for handlers and middleware.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderValue},
    web::Data,
};

use crate::{ClientSettings, shutdown::Shutdown};

/// Describes the running server. Handlers find it in the application's data.
#[derive(Debug)]
pub struct InstanceInfo {
    /// The name of this instance, unless a proxy has another one.
    pub(crate) served_by: HeaderValue,
    pub(crate) store: &'static str,
    pub(crate) shutdown: Shutdown,
    pub(crate) clients: ClientSettings,
    /// Whether visitors use HTTPS only.
    pub(crate) https_only: bool,
    /// Paths that clients request every few seconds, beside the health checks. The access log shows both at debug level
    /// only.
    pub(crate) polled: &'static [&'static str],
    /// See [`Server::serve_routes`](crate::Server::serve_routes).
    pub(crate) error_response: fn(StatusCode, &str) -> HttpResponse,
}

impl InstanceInfo {
    /// Returns the description of the instance that serves `request`.
    ///
    /// # Panics
    /// Panics outside of a [`Server`](crate::Server).
    pub(crate) fn of(request: &HttpRequest) -> &Data<Self> {
        let instance = request.app_data::<Data<Self>>();
        instance.expect("every server has an InstanceInfo")
    }

    /// Returns the name of its session store.
    pub fn store(&self) -> &'static str {
        self.store
    }

    /// Returns whether visitors use HTTPS only. Then each cookie is `Secure`, and its name starts with `__Host-`.
    pub fn https_only(&self) -> bool {
        self.https_only
    }
}
