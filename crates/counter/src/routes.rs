//! The counter's URLs and their handlers.

use actix_session::storage::SessionStore;
use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError, Result,
    http::{StatusCode, header::LOCATION},
    web,
};
use serde::Deserialize;
use server::{Application, InstanceInfo, Sessions, get_or_head, plain_text, session_for_log};

use crate::{
    response::CounterResponse,
    session::CounterSession,
    value::{Value, ValueError},
    view::View,
};

/// Counts a visitor's requests for `/` and remembers a value for them.
#[derive(Clone)]
pub struct Counter;

impl<S: SessionStore + 'static> Application<S> for Counter {
    fn routes(&self, config: &mut web::ServiceConfig, sessions: &Sessions<S>) {
        let root = web::resource("/").route(get_or_head().to(hello));
        let session = web::scope("/session")
            .service(
                web::resource(["", "/"])
                    .route(get_or_head().to(show))
                    .route(web::post().to(change)),
            )
            .service(web::resource("/set/{value:.*}").route(web::get().to(set)))
            .service(web::resource(["/unset", "/unset/"]).route(web::get().to(unset)))
            .default_service(web::to(not_found));
        config
            .service(sessions.wrap_resource(root))
            .service(sessions.wrap_scope(session))
            .default_service(web::to(not_found));
    }
}

async fn hello(
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<CounterResponse> {
    let id = session_for_log();
    log::info!("Hello world sessionID={id}");
    // The first visit sees 0.
    let visit_count = session.count();
    session.set_count(visit_count.saturating_add(1))?;
    log::info!("Visits: {visit_count} sessionID={id}");
    Ok(CounterResponse::greeting(View {
        visit_count,
        ..View::new(&instance, &session)
    }))
}

async fn show(session: CounterSession, instance: web::Data<InstanceInfo>) -> CounterResponse {
    CounterResponse::value(View::new(&instance, &session))
}

async fn set(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<CounterResponse> {
    // Decode the raw path. The router's own decoding is lossy.
    let raw = request
        .uri()
        .path()
        .strip_prefix("/session/set/")
        .unwrap_or_default();
    session.set_value(&Value::from_path(raw)?)?;
    Ok(CounterResponse::changed(
        View::new(&instance, &session),
        "set",
    ))
}

async fn unset(session: CounterSession, instance: web::Data<InstanceInfo>) -> CounterResponse {
    session.unset_value();
    CounterResponse::changed(View::new(&instance, &session), "unset")
}

/// The page's form sends a value to set, or its second button, which unsets the value.
#[derive(Deserialize)]
struct Change {
    value: Option<String>,
    unset: Option<String>,
}

async fn change(session: CounterSession, form: web::Form<Change>) -> Result<impl Responder> {
    let Change { value, unset } = form.into_inner();
    if unset.is_some() {
        session.unset_value();
    } else {
        session.set_value(&Value::from_form(value.unwrap_or_default())?)?;
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, "/"))
        .finish())
}

async fn not_found() -> HttpResponse {
    plain_text(
        StatusCode::NOT_FOUND,
        "there is nothing here; try / or /session/",
    )
}

impl ResponseError for ValueError {
    fn error_response(&self) -> HttpResponse {
        plain_text(StatusCode::BAD_REQUEST, &self.to_string())
    }
}
