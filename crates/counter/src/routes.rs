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
    last_set::{self, LastSet},
    response::View,
    session::CounterSession,
    value::{Value, ValueError},
};

/// Counts a visitor's requests for `/` and remembers a value for them.
#[derive(Clone)]
pub struct Counter;

impl<S: SessionStore + 'static> Application<S> for Counter {
    fn routes(&self, config: &mut web::ServiceConfig, sessions: &Sessions<S>) {
        for resource in [
            web::resource("/").route(get_or_head().to(hello)),
            web::resource(["/session", "/session/"])
                .route(get_or_head().to(show))
                .route(web::post().to(change)),
            web::resource("/session/set/{value:.*}").route(web::get().to(set)),
            web::resource(["/session/unset", "/session/unset/"]).route(web::get().to(unset)),
            web::resource("/logout").route(web::post().to(logout)),
        ] {
            config.service(sessions.wrap(resource));
        }
        config.default_service(web::to(not_found));
    }
}

async fn hello(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<View> {
    let id = session_for_log();
    log::info!("Hello world sessionID={id}");
    let view = View::new(&request, &instance, &session);
    // The first visit sees 0.
    let count = view.visit_count;
    session.set_count(count.saturating_add(1))?;
    log::info!("Visits: {count} sessionID={id}");
    let view = view.with_text(|value| {
        let second = value.map_or_else(String::new, |value| format!("\nvalue: {value}"));
        format!("Hello World #{count}{second}")
    });
    let last = LastSet::of(&request, &instance);
    Ok(view.counted().with_consequence(last))
}

async fn show(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> View {
    View::new(&request, &instance, &session)
        .with_text(|value| value.unwrap_or_else(|| "no value set".to_owned()))
        .with_consequence(LastSet::of(&request, &instance))
}

async fn set(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<HttpResponse> {
    // Decode the raw path. The router's own decoding is lossy.
    let raw = request.uri().path().strip_prefix("/session/set/");
    let value = Value::from_path(raw.unwrap_or_default())?;
    session.set_value(&value)?;
    let view = View::new(&request, &instance, &session)
        .with_text(|value| format!("value set: {}", value.unwrap_or_default()));
    let mut response = view.respond_to(&request);
    last_set::remember(&mut response, &request, &instance, value.as_str())?;
    Ok(response)
}

async fn unset(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<HttpResponse> {
    session.unset_value();
    let view = View::new(&request, &instance, &session).with_text(|_| "value unset".to_owned());
    let mut response = view.respond_to(&request);
    last_set::forget(&mut response, &request, &instance)?;
    Ok(response)
}

/// The page's form sends a value to set, or its second button, which unsets the value.
#[derive(Deserialize)]
struct Change {
    value: Option<String>,
    unset: Option<String>,
}

async fn change(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
    form: web::Form<Change>,
) -> Result<HttpResponse> {
    let Change { value, unset } = form.into_inner();
    let mut response = to_greeting();
    if unset.is_some() {
        session.unset_value();
        last_set::forget(&mut response, &request, &instance)?;
    } else {
        let value = Value::from_form(value.unwrap_or_default())?;
        session.set_value(&value)?;
        last_set::remember(&mut response, &request, &instance, value.as_str())?;
    }
    Ok(response)
}

async fn logout(
    request: HttpRequest,
    session: CounterSession,
    instance: web::Data<InstanceInfo>,
) -> Result<HttpResponse> {
    session.purge();
    let mut response = to_greeting();
    last_set::forget(&mut response, &request, &instance)?;
    Ok(response)
}

fn to_greeting() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/"))
        .finish()
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
