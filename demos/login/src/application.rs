//! Which URL is served by what.

use actix_web::{
    HttpResponse, Resource,
    cookie::{Cookie, time::Duration},
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue, LOCATION},
    },
    middleware::from_fn,
    web,
};
use server::{Application, Sessions, get_or_head};
use session_pubsub::Hub;
use session_stores::{RedisStore, Timeout, Timeouts, follow};

use crate::{counter, dashboard, fault::Fault, lab, messages, mine, sign};

/// How long a browser keeps the cookie after the last answer, as the tutorial has it. It only bounds what lies about in
/// browsers: when a session ends, the store says.
const COOKIE_AGE: Duration = Duration::minutes(45);

/// The application.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) rules: Rules,
    pub(crate) hub: Hub,
}

/// What is settled when the server starts.
#[derive(Clone)]
pub(crate) struct Rules {
    /// How old an id may grow before the session gets another one.
    pub(crate) rotate_after: Timeout,
    /// Whether there is what only a lab wants.
    pub(crate) lab: bool,
    /// When a session ends by itself.
    pub(crate) timeouts: Timeouts,
}

/// The cookie that removes the session's.
pub(crate) struct Removal(pub(crate) Cookie<'static>);

impl Application<RedisStore> for Login {
    fn routes(&self, config: &mut web::ServiceConfig, sessions: &Sessions<RedisStore>) {
        // A visitor whose id was rotated by another request is told the present one.
        let within = |resource: Resource| sessions.wrap_resource(resource.wrap(from_fn(follow)));
        if self.rules.lab {
            config.service(within(
                resource("/slow", "POST").route(web::post().to(lab::slow)),
            ));
        }
        config
            .app_data(web::Data::new(Removal(sessions.removal())))
            .app_data(web::Data::new(self.rules.clone()))
            .app_data(web::Data::new(self.hub.clone()))
            .app_data(web::QueryConfig::default().error_handler(|_, _| {
                Fault::new(StatusCode::BAD_REQUEST, "the query after ? can't be read")
                    .of("query")
                    .into()
            }))
            .service(
                resource("/", "GET, HEAD")
                    .route(get_or_head().to(|| async { see_other("/dashboard") })),
            )
            .service(within(
                resource("/login", "GET, HEAD, POST")
                    .route(get_or_head().to(sign::form))
                    .route(web::post().to(sign::sign_in)),
            ))
            .service(within(
                resource("/logout", "POST").route(web::post().to(sign::sign_out)),
            ))
            .service(within(
                resource("/dashboard", "GET, HEAD").route(get_or_head().to(dashboard::show)),
            ))
            .service(within(
                resource("/api/counter", "GET").route(web::get().to(counter::count)),
            ))
            .service(within(
                resource("/sessions", "GET, HEAD").route(get_or_head().to(mine::list)),
            ))
            .service(within(
                resource("/sessions/revoke-others", "POST").route(web::post().to(mine::end_others)),
            ))
            .service(within(
                resource("/sessions/{handle}", "DELETE, POST")
                    .route(web::delete().to(mine::end))
                    .route(web::post().to(mine::end)),
            ))
            .service(within(
                resource("/message", "POST").route(web::post().to(messages::send)),
            ))
            .service(within(
                resource("/messages", "GET").route(web::get().to(messages::stream)),
            ))
            .service(within(
                resource("/chat", "GET, HEAD").route(get_or_head().to(messages::page)),
            ))
            .service(resource("/chat.js", "GET, HEAD").route(get_or_head().to(messages::script)))
            .default_service(web::to(|| async {
                Fault::new(StatusCode::NOT_FOUND, "there is nothing here; try /login")
            }));
    }

    fn cookie_age(&self) -> Option<Duration> {
        Some(COOKIE_AGE)
    }

    fn on_shutdown(&self) {
        // The readers turn to other instances, and the server has no endless answer left to wait for.
        self.hub.close();
    }

    fn error_response(status: StatusCode, text: &str) -> HttpResponse {
        Fault::new(status, text.to_owned()).answer()
    }
}

/// The resource at `path`, which says what it allows when it is asked for anything else.
fn resource(path: &str, allow: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let mut answer = Fault::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("this takes {allow}"),
        )
        .answer();
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allow));
        answer
    }))
}

/// Leads to `path`, whatever the request's own method was.
pub(crate) fn see_other(path: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}
