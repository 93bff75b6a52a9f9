//! Around every request: a line in the log, and who may ask. There is no login: what keeps others out is that only this
//! machine's own browser gets here, so nothing from elsewhere may borrow that browser.

use std::{net::IpAddr, time::Instant};

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header::HOST},
    middleware::Next,
};
use log::Level;
use server::is_cross_origin;

/// What is asked for every other second, by the page's script and by balancers.
const OFTEN: [&str; 3] = ["/rows", "/healthz", "/readyz"];

/// One line for each request.
pub(crate) async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let level = if OFTEN.contains(&request.path()) {
        Level::Debug
    } else {
        Level::Info
    };
    // Escaped: a path may hold what a terminal would obey.
    let asked = format!("{} {}", request.method(), request.path().escape_debug());
    let response = next.call(request).await?;
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    log::log!(
        level,
        "viewer {asked} {} {millis:.1}ms",
        response.status().as_u16()
    );
    Ok(response.map_into_boxed_body())
}

/// Refuses who may not ask.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let why = if !is_of_this_machine(&request) {
        Some((
            StatusCode::MISDIRECTED_REQUEST,
            "the viewer is served as localhost, something.localhost or 127.0.0.1 only\n",
        ))
    } else if *request.method() == Method::POST && is_cross_origin(&request) {
        Some((
            StatusCode::FORBIDDEN,
            "this request came from another site's page\n",
        ))
    } else {
        None
    };
    match why {
        Some((status, why)) => Ok(request.into_response(
            HttpResponse::build(status)
                .content_type("text/plain; charset=utf-8")
                .body(why),
        )),
        None => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

/// Whether the name that was asked for can only be this machine (RFC 6761, section 6.3). Another one that leads here is
/// DNS rebinding: a page from elsewhere would read as its own what it must not see. Balancers that check on us name none,
/// and what isn't text is something that nobody accepts.
fn is_of_this_machine(request: &ServiceRequest) -> bool {
    let Some(host) = request.uri().host().or_else(|| {
        request
            .headers()
            .get(HOST)
            .map(|host| without_port(host.to_str().unwrap_or("?")))
    }) else {
        return true;
    };
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(name, _)| name)
}
