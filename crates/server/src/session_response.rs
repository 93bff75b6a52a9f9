//! Completes the responses of routes with sessions: errors of the store, the cache header, and work after saving.

use std::{fmt::Display, pin::Pin};

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    web,
};

use crate::{instance::InstanceInfo, store::log_failure};

/// Logs that a handler's own `call` of the store failed, with the cause. Returns a 503 that does not name the cause.
pub fn store_unavailable(instance: &InstanceInfo, call: &str, error: impl Display) -> Error {
    log_failure(call, error);
    unavailable(instance)
}

fn unavailable(instance: &InstanceInfo) -> Error {
    let text = "the session store is not available; try again in a moment";
    let mut response = (instance.error_response)(StatusCode::SERVICE_UNAVAILABLE, text);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    InternalError::from_response(text, response).into()
}

struct Afterwards(Pin<Box<dyn Future<Output = ()>>>);

/// Runs `work` after the session of `request` has been saved and before the response is sent.
///
/// The session middleware saves after the handler has returned. `work` does not run if saving fails. A second call for
/// the same request replaces the first.
pub fn afterwards(request: &HttpRequest, work: impl Future<Output = ()> + 'static) {
    request.extensions_mut().insert(Afterwards(Box::pin(work)));
}

/// Wraps the session middleware directly. An error of a handler has become a response there, so any error left comes from
/// the store.
pub(crate) async fn finish_response(
    instance: web::Data<InstanceInfo>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Ok(mut response) = next.call(request).await else {
        return Err(unavailable(&instance));
    };
    let work = response.request().extensions_mut().remove::<Afterwards>();
    if let Some(Afterwards(work)) = work {
        work.await;
    }
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response.map_into_boxed_body())
}
