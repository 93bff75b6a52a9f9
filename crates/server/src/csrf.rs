//! Rejects requests that another site's page makes (cross-site request forgery).
//!
//! With `SameSite=Lax` a browser sends no cookie with another site's POST. Such a POST would start a new session, whose
//! cookie would replace the visitor's own.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, ORIGIN},
    },
    middleware::Next,
};

use crate::instance::InstanceInfo;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns whether a page of another origin made `request`.
///
/// Browsers report that in `Sec-Fetch-Site` (Fetch Metadata, section 2.4). Older ones send `Origin` with a POST (Fetch,
/// section 3.2). Other clients send neither header, and their requests count as our own.
fn is_cross_origin(request: &ServiceRequest) -> bool {
    let header = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or("?"))
    };
    match (header(SEC_FETCH_SITE), header(ORIGIN)) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != header(HOST),
        (None, None) => false,
    }
}

/// Answers 403 to a request from another origin, unless its method is safe (RFC 9110, section 9.2.1).
///
/// # Panics
/// Panics if it rejects a request outside of a [`Server`](crate::Server).
pub async fn reject_cross_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if matches!(*request.method(), Method::GET | Method::HEAD) || !is_cross_origin(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let mut response = (InstanceInfo::of(request.request()).error_response)(
        StatusCode::FORBIDDEN,
        "this request came from another site's page",
    );
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(request.into_response(response))
}
