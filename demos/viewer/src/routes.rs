//! The URLs and their handlers.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{
        StatusCode,
        header::{HeaderName, LOCATION, RETRY_AFTER},
    },
    middleware::{DefaultHeaders, from_fn},
    web,
};
use serde::Deserialize;
use server::{BASE_STYLE, get_or_head, health_checks, plain_text, reject_cross_origin};
use session_stores::{RedisStoreError, Store};
use uuid::Uuid;

use crate::{
    entry::short,
    host_check::check_host,
    page,
    shown::Shown,
    state::Viewer,
    table,
    view::{Query, View},
};

/// Paths that the page's script requests every few seconds.
pub(crate) const POLLED: &[&str] = &["/rows"];

/// Makes a browser load the page again, like the element `meta` of that name.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// The cookie with the time of the browser's last look, in milliseconds since 1970.
const LOOKED: &str = "looked";

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
    let script = async || asset("text/javascript", include_str!("viewer.js").to_owned());
    let style = async || {
        asset(
            "text/css",
            [BASE_STYLE, include_str!("viewer.css")].concat(),
        )
    };
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

fn asset(kind: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(format!("{kind}; charset=utf-8"))
        .body(text)
}

async fn whole_page(
    viewer: web::Data<Viewer>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> HttpResponse {
    let mut view = View::from(query.into_inner());
    // Other pages and searches belong to the same look. Their links name its time.
    let is_new_look = view.since.is_none();
    if is_new_look {
        let looked = request.cookie(LOOKED);
        view.since = looked.and_then(|cookie| cookie.value().parse().ok());
    }
    let shown = match Shown::read(&viewer, view).await {
        Ok(shown) => shown,
        Err(error) => return cannot_show(&request, &viewer, &error),
    };
    let mut response = HttpResponse::Ok();
    if let Some(begun) = shown.list.begun.filter(|_| is_new_look) {
        let looked = Cookie::build(LOOKED, begun.millis.to_string())
            .max_age(Duration::days(30))
            .same_site(SameSite::Lax)
            .http_only(true);
        response.cookie(looked.finish());
    }
    let page = page::page(&request, &viewer, &shown);
    response.content_type(HTML).body(page.into_string())
}

/// Returns the part of the page that changes, for the script.
async fn rows(
    viewer: web::Data<Viewer>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> HttpResponse {
    match Shown::read(&viewer, query.into_inner().into()).await {
        Ok(shown) => {
            let rows = table::rows(&viewer, &shown, &page::demos(&request));
            HttpResponse::Ok()
                .content_type(HTML)
                .body(rows.into_string())
        }
        Err(error) => cannot_show(&request, &viewer, &error),
    }
}

fn cannot_show(request: &HttpRequest, viewer: &Viewer, error: &RedisStoreError) -> HttpResponse {
    log::error!("cannot show sessions: {error}");
    unavailable(request, viewer)
}

#[derive(Deserialize)]
struct End {
    /// A token for the session ID.
    session: String,
    /// The view to return to.
    #[serde(flatten)]
    view: Query,
}

async fn end(
    viewer: web::Data<Viewer>,
    form: web::Form<End>,
    request: HttpRequest,
) -> HttpResponse {
    let End { session, view } = form.into_inner();
    let Some(key) = viewer.token_key.decrypt(session) else {
        return plain_text(
            StatusCode::BAD_REQUEST,
            "this button is older than the last restart of the viewer; load the page again",
        );
    };
    if let Err(error) = viewer.store.delete(&key).await {
        log::error!("cannot end a session: {error}");
        return unavailable(&request, &viewer);
    }
    if let Ok(id) = Uuid::try_parse(&key) {
        viewer.walker.remove(id);
    }
    log::info!("session ended sessionID={}", short(key.as_bytes()));
    HttpResponse::SeeOther()
        .insert_header((LOCATION, View::from(view).link()))
        .finish()
}

/// The log has the cause.
fn unavailable(request: &HttpRequest, viewer: &Viewer) -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((RETRY_AFTER, "2"))
        .insert_header((REFRESH, "2"))
        .content_type(HTML)
        .body(page::unavailable(request, &viewer.walker.latest()).into_string())
}
