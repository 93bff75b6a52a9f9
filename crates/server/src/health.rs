//! What balancers ask: beside the sessions, because they must answer when the store doesn't.

use actix_session::storage::SessionStore;
use actix_web::{
    HttpResponse, Responder, Route,
    guard::{Any, Get, Head},
    http::StatusCode,
    web,
};

use crate::{application::plain_text, instance::InstanceInfo, store::Shared};

pub(crate) fn health<S: SessionStore + 'static>(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        .service(web::resource("/readyz").route(get_or_head().to(ready::<S>)));
}

/// The paths of the health checks.
pub(crate) const HEALTH_PATHS: &[&str] = &["/healthz", "/readyz"];

/// Registers the load balancer's checks for a server without a store.
pub fn health_checks(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        .service(web::resource("/readyz").route(get_or_head().to(ready_without_store)));
}

async fn ready_without_store(instance: web::Data<InstanceInfo>) -> HttpResponse {
    if instance.stopping() {
        plain_text(StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        plain_text(StatusCode::OK, "ready")
    }
}

/// GET, and HEAD with it (RFC 9110, section 9.1).
#[must_use]
pub fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

/// A dependency that all instances share must not take them all out of the balancer: the store's state is told, and
/// doesn't count.
async fn ready<S: SessionStore + 'static>(
    instance: web::Data<InstanceInfo>,
    store: web::Data<Shared<S>>,
) -> impl Responder {
    if instance.stopping() {
        return HttpResponse::ServiceUnavailable()
            .content_type("text/plain; charset=utf-8")
            .body("stopping\n");
    }
    let state = store.state().await;
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(format!("ready; store {}: {state}\n", instance.store()))
}
