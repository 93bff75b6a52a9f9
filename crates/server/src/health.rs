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

/// Returns whether `path` is a health check. Load balancers request it all the time, so the log hides it by default.
pub(crate) fn is_health_check(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
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
