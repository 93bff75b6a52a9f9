//! The routes for a load balancer's health checks. They need no session, so they work when the store is down.

use std::time::Duration;

use actix_web::{HttpResponse, Route, http::StatusCode, rt::time::timeout, web};

use crate::{
    application::{get_or_head, plain_text},
    instance::InstanceInfo,
};

/// How long `/readyz` waits for the store. The load balancer waits longer for `/readyz` itself.
const PROBE_TIMEOUT: Duration = Duration::from_millis(200);

/// Returns whether `path` is a health check.
pub(crate) fn is_health_check(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Registers the health checks of a server without a session store.
pub fn health_checks(config: &mut web::ServiceConfig) {
    register(config, get_or_head().to(ready));
}

/// Registers the health checks of a server with a session store. `probe` calls the store and returns whether that
/// worked.
///
/// `/readyz` reports the store's state in the body. The status does not depend on it: all instances share one store, so
/// the load balancer would take them all out of service at once.
pub fn health_checks_with_store(
    config: &mut web::ServiceConfig,
    probe: impl AsyncFn() -> bool + Clone + 'static,
) {
    let ready = move |instance: web::Data<InstanceInfo>| {
        let probe = probe.clone();
        async move {
            if instance.shutdown.is_stopping() {
                return ready(instance).await;
            }
            let state = match timeout(PROBE_TIMEOUT, probe()).await {
                Ok(true) => "up",
                Ok(false) => "down",
                Err(_) => "not answering",
            };
            let text = format!("ready; store {}: {state}", instance.store);
            plain_text(StatusCode::OK, &text)
        }
    };
    register(config, get_or_head().to(ready));
}

fn register(config: &mut web::ServiceConfig, ready: Route) {
    config
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        .service(web::resource("/readyz").route(ready));
}

/// Answers 404 once the server is stopping. By this status, HAProxy recognizes a server that drains.
async fn ready(instance: web::Data<InstanceInfo>) -> HttpResponse {
    if instance.shutdown.is_stopping() {
        plain_text(StatusCode::NOT_FOUND, "stopping")
    } else {
        plain_text(StatusCode::OK, "ready")
    }
}
