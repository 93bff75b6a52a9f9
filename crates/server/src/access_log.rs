//! Around every request, errors included: who served it, and one line in the log.

use std::time::Instant;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    middleware::Next,
    web,
};

use log::Level;

use crate::{instance::InstanceInfo, log_context};

const X_SERVED_BY: HeaderName = HeaderName::from_static("x-served-by");

pub(crate) async fn access_log(
    instance: web::Data<InstanceInfo>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let _in_flight = instance.drain.enter();
    let started = Instant::now();
    let method = request.method().clone();
    // Escaped: a path may hold what a terminal would obey.
    let path = request.path().escape_debug().to_string();

    let (outcome, id) = log_context::scope(next.call(request)).await;

    let (outcome, status) = match outcome {
        Ok(mut response) => {
            sign(response.headers_mut(), &instance.served_by);
            let status = response.status();
            (Ok(response.map_into_boxed_body()), status)
        }
        // What a middleware failed with has no response yet.
        Err(error) => {
            let mut response = error.error_response();
            sign(response.headers_mut(), &instance.served_by);
            let status = response.status();
            (
                Err(InternalError::from_response(error, response).into()),
                status,
            )
        }
    };
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let level = if instance.polled.contains(&path.as_str()) {
        Level::Debug
    } else {
        Level::Info
    };
    log::log!(
        level,
        "{} {method} {path} {} {millis:.1}ms sessionID={}",
        instance.instance,
        status.as_u16(),
        log_context::display(id)
    );
    outcome
}

fn sign(headers: &mut HeaderMap, served_by: &HeaderValue) {
    headers.insert(X_SERVED_BY, served_by.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
