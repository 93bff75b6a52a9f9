//! The workshop's application: what each URL does.

use actix_session::storage::SessionStore;
use actix_web::{
    HttpRequest, HttpResponse, Resource, Responder, Result, Scope,
    error::InternalError,
    http::{StatusCode, header::LOCATION},
    web,
};
use serde::Deserialize;

use server::{Application, InstanceInfo, Sessions, get_or_head, plain_text, session_for_log};

use crate::{
    session::CounterSession,
    value::{Value, ValueError},
    view::View,
};

/// The tutorials' application: a visit counter, and a value to remember.
#[derive(Clone)]
pub struct Counter;

impl<S: SessionStore + 'static> Application<S> for Counter {
    fn routes(&self, config: &mut web::ServiceConfig, sessions: &Sessions<S>) {
        config
            .service(sessions.around(root()))
            .service(sessions.around_all(session()))
            .default_service(web::to(not_found));
    }
}

fn root() -> Resource {
    web::resource("/").route(get_or_head().to(hello))
}

fn session() -> Scope {
    web::scope("/session")
        .service(
            web::resource(["", "/"])
                .route(get_or_head().to(show))
                .route(web::post().to(change)),
        )
        .service(web::resource("/set/{value:.*}").route(web::get().to(set)))
        .service(web::resource(["/unset", "/unset/"]).route(web::get().to(unset)))
        .default_service(web::to(not_found))
}

async fn hello(visit: CounterSession, instance: web::Data<InstanceInfo>) -> Result<impl Responder> {
    let id = session_for_log();
    log::info!("Hello world sessionID={id}");
    let count = visit.count_up()?;
    log::info!("Visits: {count} sessionID={id}");
    Ok(View::new(&instance, &visit).with_count(count).greeting())
}

async fn show(visit: CounterSession, instance: web::Data<InstanceInfo>) -> impl Responder {
    View::new(&instance, &visit).value_alone()
}

async fn set(
    request: HttpRequest,
    visit: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<impl Responder> {
    // The path as it came: the router's own decoding is lossy.
    let raw = request
        .uri()
        .path()
        .strip_prefix("/session/set/")
        .unwrap_or_default();
    let value = Value::from_path(raw).map_err(bad_value)?;
    visit.set(&value)?;
    Ok(View::new(&instance, &visit).saying("set"))
}

async fn unset(visit: CounterSession, instance: web::Data<InstanceInfo>) -> impl Responder {
    visit.unset();
    View::new(&instance, &visit).saying("unset")
}

/// The page's form: a value to set, or the button that unsets it.
#[derive(Deserialize)]
struct Change {
    value: Option<String>,
    unset: Option<String>,
}

async fn change(visit: CounterSession, form: web::Form<Change>) -> Result<impl Responder> {
    match form.into_inner() {
        Change { unset: Some(_), .. } => visit.unset(),
        Change { value, .. } => {
            visit.set(&Value::from_form(value.unwrap_or_default()).map_err(bad_value)?)?
        }
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, "/"))
        .finish())
}

/// Where there is nothing. The text tells what there is, so it is the workshop's.
async fn not_found() -> HttpResponse {
    plain_text(
        StatusCode::NOT_FOUND,
        "there is nothing here; try / or /session/",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn bad_value(error: ValueError) -> actix_web::Error {
    let text = error.to_string();
    InternalError::from_response(text.clone(), plain_text(StatusCode::BAD_REQUEST, &text)).into()
}
