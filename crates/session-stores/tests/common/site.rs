//! A small site around a store: a real actix-web application with the session middleware, and one visitor.

use actix_session::{
    Session, SessionMiddleware, config::CookieContentSecurity, storage::SessionStore,
};
use actix_web::{
    App, Error, HttpResponse,
    cookie::{Cookie, CookieJar, Key},
    dev::ServiceResponse,
    http::header::SET_COOKIE,
    middleware::from_fn,
    test::{self, TestRequest},
    web,
};
use serde_json::{Value, json};
use session_stores::RESERVED;

const COOKIE: &str = "sessionID";

fn secret() -> Key {
    Key::from(&[7; 64])
}

/// `/` shows the session; other paths name what is done to it, as in `/clear+count`.
pub(crate) async fn site(
    store: impl SessionStore + 'static,
) -> impl AsyncFn(TestRequest) -> ServiceResponse {
    let sessions = SessionMiddleware::builder(store, secret())
        .cookie_name(COOKIE.to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .cookie_secure(false)
        .build();
    let steps = async |session: Session, step: web::Path<String>| {
        for step in step.split('+') {
            match step {
                "count" => session.insert("n", session.get::<u64>("n")?.map_or(0, |n| n + 1))?,
                "clear" => session.clear(),
                "renew" => session_stores::renew(&session),
                "rotate" => session_stores::rotate(&session),
                "actix-renew" => session.renew(),
                "purge" => session.purge(),
                _ => {
                    if let Some(user) = step.strip_prefix("sign-in-") {
                        session_stores::sign_in(&session, user);
                    }
                }
            }
        }
        Ok::<_, Error>(HttpResponse::Ok().finish())
    };
    let show = async |session: Session| {
        let began = session
            .entries()
            .get(RESERVED)
            .map(|times| serde_json::from_str::<Value>(times))
            .transpose()?;
        let began = began.map(|it| it["CreatedAt"].clone());
        Ok::<_, Error>(web::Json(
            json!({"n": session.get::<u64>("n")?, "began": began, "user": session_stores::user_of(&session)}),
        ))
    };
    let app = App::new()
        .wrap(from_fn(session_stores::follow))
        .wrap(sessions)
        .route("/", web::get().to(show))
        .route("/{steps}", web::get().to(steps));
    let app = test::init_service(app).await;
    async move |request| {
        test::call_service(&app, request.to_request())
            .await
            .map_into_boxed_body()
    }
}

/// A visitor, and the cookie it has.
#[derive(Default)]
pub(crate) struct Visitor {
    cookie: Option<Cookie<'static>>,
}

impl Visitor {
    /// One whose cookie names the session `id`.
    pub(crate) fn of(id: &str) -> Self {
        let mut jar = CookieJar::new();
        jar.signed_mut(&secret())
            .add(Cookie::new(COOKIE, id.to_owned()));
        Self {
            cookie: jar.get(COOKIE).cloned(),
        }
    }

    /// The session id in the cookie.
    pub(crate) fn id(&self) -> Option<String> {
        let mut jar = CookieJar::new();
        jar.add_original(self.cookie.clone()?);
        jar.signed(&secret())
            .get(COOKIE)
            .map(|cookie| cookie.value().to_owned())
    }

    /// Asks for `path`, which has to succeed; `/` answers what the session holds.
    pub(crate) async fn get(
        &mut self,
        site: &impl AsyncFn(TestRequest) -> ServiceResponse,
        path: &str,
    ) -> Value {
        let request = TestRequest::get().uri(path);
        let request = self
            .cookie
            .iter()
            .fold(request, |request, cookie| request.cookie(cookie.clone()));
        let response = site(request).await;
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        if let Some(given) = response.headers().get(SET_COOKIE) {
            let cookie = Cookie::parse_encoded(given.to_str().unwrap().to_owned()).unwrap();
            self.cookie = (!cookie.value().is_empty()).then_some(cookie);
        }
        serde_json::from_slice(&test::read_body(response).await).unwrap_or_default()
    }
}
