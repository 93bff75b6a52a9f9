//! Requests that other sites' pages make.
//!
//! SameSite=Lax keeps the cookie back from a foreign page's POST, but a POST without a cookie would start a session and
//! replace the visitor's own. So what changes a session must come from our own page, or from no page at all.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, ORIGIN},
    },
    middleware::Next,
    web,
};

use crate::instance::InstanceInfo;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether `request` comes from a page of another site or origin, as the browser says (Fetch Metadata, section 2.4);
/// browsers that don't say send `Origin` with a POST (Fetch, section 3.2). Programs that are no browsers send neither.
fn is_foreign(request: &ServiceRequest) -> bool {
    let header = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or("?"))
    };
    match (header(SEC_FETCH_SITE), header(ORIGIN)) {
        (Some(instance), _) => !matches!(instance, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != header(HOST),
        (None, None) => false,
    }
}

/// Around what has sessions: whatever is no mere reading (RFC 9110, section 9.2.1) is refused to foreign pages.
pub async fn refuse_foreign(
    instance: web::Data<InstanceInfo>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if matches!(*request.method(), Method::GET | Method::HEAD) || !is_foreign(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let mut refusal = (instance.error_response)(
        StatusCode::FORBIDDEN,
        "this request came from another site's page",
    );
    refusal
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(request.into_response(refusal))
}
