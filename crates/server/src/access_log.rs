//! Logs one line for each request and adds the headers that every response has.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{
        HeaderMap, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    },
    middleware::Next,
};
use log::Level;
use session_stores::ShortId;

use crate::{InstanceName, health::is_health_check, instance::InstanceInfo, request_context};

const X_SERVED_BY: HeaderName = HeaderName::from_static("x-served-by");

/// Wraps all routes. A failed request gets its log line and its headers too.
pub(crate) async fn access_log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let instance = InstanceInfo::of(request.request()).clone();
    let _in_flight = instance.shutdown.begin_request();
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.path().to_owned();
    let name = InstanceName::in_request(request.headers(), &instance);

    let (result, mut id) = request_context::scope(next.call(request)).await;
    let mut result = result.map(ServiceResponse::map_into_boxed_body);
    let status = match &mut result {
        Ok(response) => {
            // A session layer of the application's own puts the ID there.
            let layer_id = response.request().extensions().get::<ShortId>().copied();
            id = layer_id.or(id);
            add_headers(response.headers_mut(), &instance, &name);
            response.status()
        }
        // A middleware that failed has not built its response yet. Build it here to add the headers.
        Err(error) => {
            let mut response = error.error_response();
            add_headers(response.headers_mut(), &instance, &name);
            let status = response.status();
            *error = InternalError::from_response(error.to_string(), response).into();
            status
        }
    };
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let level = if is_health_check(&path) || instance.polled.contains(&path.as_str()) {
        Level::Debug
    } else {
        Level::Info
    };
    log::log!(
        level,
        "{} {method} {} {} {millis:.1}ms sessionID={}",
        name.as_str(),
        // It may contain control characters, which a terminal would interpret.
        path.escape_debug(),
        status.as_u16(),
        request_context::display(id)
    );
    result
}

fn add_headers(headers: &mut HeaderMap, instance: &InstanceInfo, name: &InstanceName) {
    headers.insert(X_SERVED_BY, name.clone().into_header());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if instance.https_only {
        // A year (RFC 6797). Other subdomains decide for themselves.
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
}
