//! What each URL does.

use actix_session::storage::{SessionKey, SessionStore};
use actix_web::{
    HttpResponse, Responder, Route,
    error::InternalError,
    guard::{Any, Get, Head},
    http::{
        StatusCode,
        header::{LOCATION, RETRY_AFTER},
    },
    web,
};
use maud::Markup;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::{
    page::{self, Shown},
    server::Viewer,
};

const HTML: &str = "text/html; charset=utf-8";

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/").route(get_or_head().to(whole)))
        .service(web::resource("/rows").route(get_or_head().to(rows)))
        .service(web::resource("/end").route(web::post().to(end)))
        .service(
            web::resource("/viewer.js").route(
                get_or_head().to(async || asset("text/javascript", include_str!("viewer.js"))),
            ),
        )
        .service(
            web::resource("/viewer.css")
                .route(get_or_head().to(async || asset("text/css", include_str!("viewer.css")))),
        )
        .service(web::resource("/healthz").route(get_or_head().to(async || "ok\n")))
        // Redis is not asked: this page is what tells that it is gone.
        .service(web::resource("/readyz").route(get_or_head().to(async || "ready\n")));
}

/// GET, and HEAD with it (RFC 9110, section 9.1).
fn get_or_head() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

fn asset(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(format!("{kind}; charset=utf-8"))
        .body(text)
}

/// Where a page begins: what Redis gave as the cursor after the page before.
#[derive(Deserialize)]
struct From {
    #[serde(default)]
    cursor: u64,
}

async fn whole(viewer: web::Data<Viewer>, from: web::Query<From>) -> impl Responder {
    show(&viewer, from.cursor, page::page).await
}

/// What changes of the page, for its script.
async fn rows(viewer: web::Data<Viewer>, from: web::Query<From>) -> impl Responder {
    show(&viewer, from.cursor, page::rows).await
}

async fn show(viewer: &Viewer, cursor: u64, write: impl Fn(&Shown) -> Markup) -> HttpResponse {
    match viewer.redis.page(cursor).await {
        Ok(page) => {
            let shown = Shown {
                viewer,
                page: &page,
                cursor,
                now: OffsetDateTime::now_utc(),
            };
            HttpResponse::Ok()
                .content_type(HTML)
                .body(write(&shown).into_string())
        }
        Err(error) => {
            log::error!("cannot show sessions: {error}");
            unavailable()
        }
    }
}

#[derive(Deserialize)]
struct End {
    /// The id, sealed.
    session: String,
    /// Of the page to come back to.
    #[serde(default)]
    cursor: u64,
}

async fn end(viewer: web::Data<Viewer>, form: web::Form<End>) -> actix_web::Result<impl Responder> {
    let End { session, cursor } = form.into_inner();
    let key = viewer
        .seal
        .open(session)
        .and_then(|id| SessionKey::try_from(id).ok())
        .ok_or_else(old_button)?;
    if let Err(error) = viewer.store.delete(&key).await {
        log::error!("cannot end a session: {error:#}");
        return Ok(unavailable());
    }
    log::info!(
        "session ended sessionID={}",
        crate::entry::short(key.as_ref())
    );
    let back = if cursor == 0 {
        "/".to_owned()
    } else {
        format!("/?cursor={cursor}")
    };
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, back))
        .finish())
}

fn old_button() -> actix_web::Error {
    let why = "this button is of an earlier run of the viewer; load the page again";
    let response = HttpResponse::build(StatusCode::BAD_REQUEST)
        .content_type("text/plain; charset=utf-8")
        .body(format!("{why}\n"));
    InternalError::from_response(why, response).into()
}

/// The log has the cause.
fn unavailable() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((RETRY_AFTER, "2"))
        .content_type(HTML)
        .body(page::unavailable().into_string())
}
