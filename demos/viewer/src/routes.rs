//! The URLs and their handlers.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{LOCATION, RETRY_AFTER},
    },
    middleware::{DefaultHeaders, from_fn},
    web,
};
use maud::Markup;
use serde::Deserialize;
use server::{get_or_head, health_checks, plain_text, reject_cross_origin};
use session_stores::Store;

use crate::{
    entry::short,
    host_check::check_host,
    page,
    redis::KeyPage,
    state::Viewer,
    table::{self, link},
};

/// Paths that the page's script requests every few seconds.
pub(crate) const POLLED: &[&str] = &["/rows"];

const HTML: &str = "text/html; charset=utf-8";

/// Every file of the page is the viewer's own, and the page contains no script. So data from a session stays text even
/// if the escaping failed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Registers the routes. `/readyz` does not ask Redis: the viewer stays in service to report that Redis is down.
pub(crate) fn routes(config: &mut web::ServiceConfig, viewer: &web::Data<Viewer>) {
    let headers = DefaultHeaders::new()
        .add(("content-security-policy", POLICY))
        .add(("referrer-policy", "no-referrer"))
        .add(("cache-control", "no-store"));
    let script = async || asset("text/javascript", include_str!("viewer.js"));
    let style = async || asset("text/css", include_str!("viewer.css"));
    let scope = web::scope("")
        .service(web::resource("/").route(get_or_head().to(whole_page)))
        .service(web::resource("/rows").route(get_or_head().to(rows)))
        .service(web::resource("/end").route(web::post().to(end)))
        .service(web::resource("/viewer.js").route(get_or_head().to(script)))
        .service(web::resource("/viewer.css").route(get_or_head().to(style)))
        .configure(health_checks)
        .wrap(from_fn(reject_cross_origin))
        .wrap(from_fn(check_host))
        .wrap(headers);
    config.app_data(viewer.clone()).service(scope);
}

fn asset(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(format!("{kind}; charset=utf-8"))
        .body(text)
}

#[derive(Deserialize)]
struct Start {
    /// The cursor that Redis returned with the page before.
    #[serde(default)]
    cursor: u64,
}

async fn whole_page(viewer: web::Data<Viewer>, start: web::Query<Start>) -> HttpResponse {
    show(&viewer, start.cursor, page::page).await
}

/// Returns the part of the page that changes, for the script.
async fn rows(viewer: web::Data<Viewer>, start: web::Query<Start>) -> HttpResponse {
    show(&viewer, start.cursor, table::rows).await
}

async fn show(
    viewer: &Viewer,
    cursor: u64,
    render: impl Fn(&Viewer, &KeyPage) -> Markup,
) -> HttpResponse {
    match viewer.redis.page(cursor).await {
        Ok(page) => HttpResponse::Ok()
            .content_type(HTML)
            .body(render(viewer, &page).into_string()),
        Err(error) => {
            log::error!("cannot show sessions: {error}");
            unavailable()
        }
    }
}

#[derive(Deserialize)]
struct End {
    /// A token for the session ID.
    session: String,
    /// The cursor of the page to return to.
    #[serde(default)]
    cursor: u64,
}

async fn end(viewer: web::Data<Viewer>, form: web::Form<End>) -> HttpResponse {
    let End { session, cursor } = form.into_inner();
    let Some(key) = viewer.token_key.decrypt(session) else {
        return plain_text(
            StatusCode::BAD_REQUEST,
            "this button is older than the last restart of the viewer; load the page again",
        );
    };
    if let Err(error) = viewer.store.delete(&key).await {
        log::error!("cannot end a session: {error}");
        return unavailable();
    }
    log::info!("session ended sessionID={}", short(&key));
    HttpResponse::SeeOther()
        .insert_header((LOCATION, link(cursor)))
        .finish()
}

/// The log has the cause.
fn unavailable() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((RETRY_AFTER, "2"))
        .content_type(HTML)
        .body(page::unavailable().into_string())
}
