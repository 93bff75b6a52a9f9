//! The routes: which handler serves which URL.

use actix_web::{
    HttpResponse, Resource,
    cookie::time::Duration,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue},
    },
    middleware::from_fn,
    web,
};
use server::{Application, Sessions, get_or_head};
use session_pubsub::Hub;
use session_stores::{RedisStore, follow};

use crate::{
    auth, counter, dashboard, debug,
    error::ApiError,
    messages,
    response::{RemovalCookie, see_other},
    rules::Rules,
    sessions,
};

/// How long a browser keeps the cookie after the last response, as in the tutorial. The store
/// decides when a session ends; this only limits how long old cookies stay in browsers.
const COOKIE_AGE: Duration = Duration::minutes(45);

/// The login application.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) rules: Rules,
    pub(crate) hub: Hub,
}

impl Application<RedisStore> for Login {
    fn routes(&self, config: &mut web::ServiceConfig, middleware: &Sessions<RedisStore>) {
        config
            .app_data(web::Data::new(RemovalCookie(middleware.removal())))
            .app_data(web::Data::new(self.rules.clone()))
            .app_data(web::Data::new(self.hub.clone()))
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
        if self.rules.lab {
            with_session.push(resource("/slow", "POST").route(web::post().to(debug::slow)));
        }
        for resource in with_session {
            // A visitor whose ID was rotated by another request gets the current ID.
            config.service(middleware.wrap_resource(resource.wrap(from_fn(follow))));
        }
        config
            .service(
                resource("/", "GET, HEAD")
                    .route(get_or_head().to(|| async { see_other("/dashboard") })),
            )
            .service(resource("/chat.js", "GET, HEAD").route(get_or_head().to(messages::script)))
            .default_service(web::to(|| async {
                ApiError::new(StatusCode::NOT_FOUND, "there is nothing here; try /login").response()
            }));
    }

    fn cookie_age(&self) -> Option<Duration> {
        Some(COOKIE_AGE)
    }

    fn on_shutdown(&self) {
        // The browsers reconnect to other instances, and no open stream delays the shutdown.
        self.hub.close();
    }

    fn error_response(status: StatusCode, text: &str) -> HttpResponse {
        ApiError::new(status, text.to_owned()).response()
    }
}

/// Creates the resource at `path`. It answers other methods than those in `allow` with 405.
fn resource(path: &str, allow: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let error = ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("this takes {allow}"),
        );
        let mut response = error.response();
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allow));
        response
    }))
}
