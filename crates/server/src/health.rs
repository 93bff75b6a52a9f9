//! The routes for a load balancer's health checks. They need no session, so they work when the store is down.

use actix_session::storage::SessionStore;
use actix_web::{HttpResponse, Route, http::StatusCode, web};

use crate::{
    application::{get_or_head, plain_text},
    instance::InstanceInfo,
    store::Shared,
};

/// Returns whether `path` is a health check.
pub(crate) fn is_health_check(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Registers the health checks of a server without a session store.
pub fn health_checks(config: &mut web::ServiceConfig) {
    register(config, get_or_head().to(ready));
}

/// Registers the health checks of a server with a session store.
pub(crate) fn health_checks_with_store<S: SessionStore + 'static>(config: &mut web::ServiceConfig) {
    register(config, get_or_head().to(ready_with_store::<S>));
}

fn register(config: &mut web::ServiceConfig, ready: Route) {
    config
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        .service(web::resource("/readyz").route(ready));
}

/// Answers 503 once the server is stopping.
async fn ready(instance: web::Data<InstanceInfo>) -> HttpResponse {
    if instance.shutdown.is_stopping() {
        plain_text(StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        plain_text(StatusCode::OK, "ready")
    }
}

/// Reports the store's state in the body. The status does not depend on it: all instances share one store, so the load
/// balancer would take them all out of service at once.
async fn ready_with_store<S: SessionStore + 'static>(
    instance: web::Data<InstanceInfo>,
    store: web::Data<Shared<S>>,
) -> HttpResponse {
    if instance.shutdown.is_stopping() {
        return ready(instance).await;
    }
    let state = store.state().await;
    let text = format!("ready; store {}: {state}", instance.store);
    plain_text(StatusCode::OK, &text)
}
