//! The routes: which handler serves which URL.

use std::time::Duration;

use actix_web::{
    HttpResponse, Resource, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue},
    },
    middleware::from_fn,
    web,
};
use server::{CookieSettings, get_or_head, health_checks_with_store, reject_cross_origin};
use session_layer::{KeyRing, Options, SessionLayer};
use session_pubsub::Hub;
use session_stores::{RedisStore, Store};
use uuid::Uuid;

use crate::{
    auth, counter, dashboard, debug, error::ApiError, limits::Rates, messages, response::see_other,
    sessions,
};

/// How long a browser keeps the cookie after the last response, as in the tutorial. The store decides when a session
/// ends; this only limits how long old cookies stay in browsers.
const COOKIE_AGE: Duration = Duration::from_secs(45 * 60);

/// The login application.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) store: RedisStore,
    pub(crate) cookie: CookieSettings,
    pub(crate) keys: KeyRing,
    /// The age at which a session ID is rotated.
    pub(crate) rotate_after: Option<Duration>,
    /// Whether to serve the route for experiments.
    pub(crate) lab: bool,
    pub(crate) hub: Hub,
    pub(crate) rates: Rates,
}

impl Login {
    pub(crate) fn register(&self, config: &mut web::ServiceConfig) {
        let mut options = Options::default();
        options.cookie_name = self.cookie.name.into();
        options.cookie_domain.clone_from(&self.cookie.domain);
        options.cookie_secure = self.cookie.secure;
        options.cookie_max_age = Some(COOKIE_AGE);
        options.rotate_after = self.rotate_after;
        options.error_response = Self::error_response;
        let sessions = SessionLayer::with_options(self.store.clone(), self.keys.clone(), options);
        config
            .app_data(web::Data::from(sessions.store()))
            .app_data(web::Data::new(self.hub.clone()))
            .app_data(web::Data::new(self.rates.clone()))
            .app_data(web::QueryConfig::default().error_handler(|_, _| {
                ApiError::new(StatusCode::BAD_REQUEST, "the query after ? can't be read")
                    .for_field("query")
                    .into()
            }));
        let mut with_session = vec![
            resource("/login", "GET, HEAD, POST")
                .route(get_or_head().to(auth::form))
                .route(web::post().to(auth::log_in)),
            resource("/logout", "POST").route(web::post().to(auth::log_out)),
            resource("/dashboard", "GET, HEAD").route(get_or_head().to(dashboard::show)),
            resource("/api/counter", "GET").route(web::get().to(counter::count)),
            resource("/sessions", "GET, HEAD").route(get_or_head().to(sessions::list)),
            resource("/sessions/revoke-others", "POST")
                .route(web::post().to(sessions::revoke_others)),
            resource("/sessions/{handle}", "DELETE, POST")
                .route(web::delete().to(sessions::revoke))
                .route(web::post().to(sessions::revoke)),
            resource("/message", "POST").route(web::post().to(messages::send)),
            resource("/messages", "GET").route(web::get().to(messages::stream)),
            resource("/chat", "GET, HEAD").route(get_or_head().to(messages::page)),
        ];
        if self.lab {
            with_session.push(resource("/slow", "POST").route(web::post().to(debug::slow)));
        }
        for resource in with_session {
            let resource = resource.wrap(sessions.middleware());
            config.service(resource.wrap(from_fn(reject_cross_origin)));
        }
        // Loads a session that does not exist.
        let store = sessions.store();
        health_checks_with_store(config, async move || {
            store.load(&Uuid::new_v4().to_string()).await.is_ok()
        });
        config
            .service(
                resource("/", "GET, HEAD")
                    .route(get_or_head().to(|| async { see_other("/dashboard") })),
            )
            .service(resource("/chat.js", "GET, HEAD").route(get_or_head().to(messages::script)))
            .default_service(web::to(|| async {
                ApiError::new(StatusCode::NOT_FOUND, "there is nothing here; try /login")
                    .error_response()
            }));
    }

    /// Builds the response for an error that no handler sees. The session layer's 503 means that the store failed.
    pub(crate) fn error_response(status: StatusCode, text: &str) -> HttpResponse {
        let mut response = ApiError::new(status, text.to_owned()).error_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            server::blame_store(&mut response);
        }
        response
    }
}

/// Creates the resource at `path`. It answers other methods than those in `allow` with 405.
fn resource(path: &str, allow: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let error = ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("this takes {allow}"),
        );
        let mut response = error.error_response();
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allow));
        response
    }))
}
