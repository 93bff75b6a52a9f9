//! Rejects requests for host names that are not this machine's.
//!
//! The viewer has no login. Its protection is that only browsers on this machine can connect to it. With DNS rebinding,
//! a foreign page could make such a browser read the viewer under the foreign page's own host name.

use std::net::IpAddr;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header::HOST, uri::Authority},
    middleware::Next,
};
use server::plain_text;

/// Responds with 421 unless the request's host is a loopback address, `localhost` or a subdomain of it.
pub(crate) async fn check_host(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if is_local(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.into_response(plain_text(
        StatusCode::MISDIRECTED_REQUEST,
        "the viewer answers only to localhost, its subdomains and loopback addresses",
    )))
}

/// Returns whether the request's host can only be this machine (RFC 6761, section 6.3). Load balancers send none in
/// their health checks, so a missing host is accepted.
fn is_local(request: &ServiceRequest) -> bool {
    let host = match (request.uri().host(), request.headers().get(HOST)) {
        (Some(host), _) => Some(host.to_owned()),
        (None, Some(host)) => Authority::try_from(host.as_bytes())
            .ok()
            .map(|authority| authority.host().to_owned()),
        (None, None) => return true,
    };
    host.is_some_and(|host| {
        let host = host.to_ascii_lowercase();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost"
            || host.ends_with(".localhost")
            || address.is_ok_and(|address| address.is_loopback())
    })
}
