//! What each URL does.

use actix_session::storage::SessionStore;
use actix_web::{
    HttpRequest, HttpResponse, Resource, Responder, Result, Route, Scope,
    error::InternalError,
    guard::{Any, Get, Head},
    http::{StatusCode, header::LOCATION},
    web,
};
use serde::Deserialize;

use crate::{
    cross_site,
    current::{short_id, shown},
    site::Site,
    store::Shared,
    value::{Value, ValueError},
    view::View,
    visit::Visit,
};

/// Beside the sessions: they must answer when the store doesn't.
pub(crate) fn health<S: SessionStore + 'static>(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(read().to(async || "ok\n")))
        .service(web::resource("/readyz").route(read().to(ready::<S>)));
}

/// Whether `path` is one that balancers ask all the time.
pub(crate) fn is_health(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

pub(crate) fn root() -> Resource {
    web::resource("/").route(read().to(hello))
}

pub(crate) fn session() -> Scope {
    web::scope("/session")
        .service(web::resource(["", "/"]).route(read().to(show)).route(web::post().to(change)))
        .service(web::resource("/set/{value:.*}").route(web::get().to(set)))
        .service(web::resource(["/unset", "/unset/"]).route(web::get().to(unset)))
        .default_service(web::to(not_found))
}

/// GET, and HEAD with it (RFC 9110, section 9.1).
fn read() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

async fn hello(visit: Visit, site: web::Data<Site>) -> Result<impl Responder> {
    let id = shown(short_id());
    log::info!("Hello world sessionID={id}");
    let count = visit.count_up()?;
    log::info!("Visits: {count} sessionID={id}");
    Ok(View::new(&site, &visit).with_count(count).greeting())
}

async fn show(visit: Visit, site: web::Data<Site>) -> impl Responder {
    View::new(&site, &visit).value_alone()
}

async fn set(request: HttpRequest, visit: Visit, site: web::Data<Site>) -> Result<impl Responder> {
    // The path as it came: the router's own decoding is lossy.
    let raw = request.uri().path().strip_prefix("/session/set/").unwrap_or_default();
    let value = Value::from_path(raw).map_err(bad_value)?;
    visit.set(&value)?;
    Ok(View::new(&site, &visit).saying("set"))
}

async fn unset(visit: Visit, site: web::Data<Site>) -> impl Responder {
    visit.unset();
    View::new(&site, &visit).saying("unset")
}

/// The page's form: a value to set, or the button that unsets it.
#[derive(Deserialize)]
struct Change {
    value: Option<String>,
    unset: Option<String>,
}

async fn change(request: HttpRequest, visit: Visit, form: web::Form<Change>) -> Result<impl Responder> {
    if cross_site::is_foreign(&request) {
        return Err(refused(StatusCode::FORBIDDEN, "this request came from another site's page"));
    }
    match form.into_inner() {
        Change { unset: Some(_), .. } => visit.unset(),
        Change { value, .. } => visit.set(&Value::from_form(value.unwrap_or_default()).map_err(bad_value)?)?,
    }
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish())
}

/// A dependency that all instances share must not take them all out of the balancer: the store's state is told, and
/// doesn't count.
async fn ready<S: SessionStore + 'static>(site: web::Data<Site>, store: web::Data<Shared<S>>) -> impl Responder {
    if site.drain.stopping() {
        return HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("stopping\n");
    }
    let state = store.state().await;
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("ready; store {}: {state}\n", site.store))
}

pub(crate) async fn not_found() -> impl Responder {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("there is nothing here; try / or /session/\n")
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn bad_value(error: ValueError) -> actix_web::Error {
    refused(StatusCode::BAD_REQUEST, &error.to_string())
}

fn refused(status: StatusCode, why: &str) -> actix_web::Error {
    let response = HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(format!("{why}\n"));
    InternalError::from_response(why.to_owned(), response).into()
}
