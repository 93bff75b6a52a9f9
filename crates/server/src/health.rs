//! The routes for a load balancer's health checks. They need no session, so they work when the store is down.

use actix_session::storage::SessionStore;
use actix_web::{HttpResponse, http::StatusCode, web};

use crate::{
    application::{get_or_head, plain_text},
    instance::InstanceInfo,
    store::Shared,
};

pub(crate) fn routes<S: SessionStore + 'static>(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        .service(web::resource("/readyz").route(get_or_head().to(ready::<S>)));
}

/// The paths of the health checks.
pub(crate) const PATHS: &[&str] = &["/healthz", "/readyz"];

/// Registers the health checks of a server without a session store.
pub fn health_checks(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        .service(web::resource("/readyz").route(get_or_head().to(ready_without_store)));
}

async fn ready_without_store(instance: web::Data<InstanceInfo>) -> HttpResponse {
    if instance.shutdown.is_stopping() {
        plain_text(StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        plain_text(StatusCode::OK, "ready")
    }
}

/// Answers 503 once the server is stopping.
///
/// The body reports the store's state, but the status does not depend on it. All instances share one store, so the load
/// balancer would take them all out of service at once.
async fn ready<S: SessionStore + 'static>(
    instance: web::Data<InstanceInfo>,
    store: web::Data<Shared<S>>,
) -> HttpResponse {
    if instance.shutdown.is_stopping() {
        return plain_text(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    let state = store.state().await;
    let text = format!("ready; store {}: {state}", instance.store);
    plain_text(StatusCode::OK, &text)
}
