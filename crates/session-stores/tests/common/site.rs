//! A small actix-web application with the session middleware, and its visitors.

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

/// Creates a site on which `/` shows the session. Other paths name what its handler does to it, as in `/clear+count`.
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
                "sign-in-alice" => session_stores::sign_in(&session, "alice"),
                "sign-in-bob" => session_stores::sign_in(&session, "bob"),
                unknown => panic!("no step {unknown}"),
            }
        }
        Ok::<_, Error>(HttpResponse::Ok().finish())
    };
    let show = async |session: Session| {
        let reserved = session.get::<Value>(RESERVED)?;
        Ok::<_, Error>(web::Json(json!({
            "n": session.get::<u64>("n")?,
            "began": reserved.map(|it| it["CreatedAt"].clone()),
            "user": session_stores::user_of(&session)
        })))
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

/// A visitor and their cookie.
#[derive(Default)]
pub(crate) struct Visitor {
    cookie: Option<Cookie<'static>>,
}

impl Visitor {
    /// Creates a visitor whose cookie has the session key `id`.
    pub(crate) fn of(id: &str) -> Self {
        let mut jar = CookieJar::new();
        jar.signed_mut(&secret())
            .add(Cookie::new(COOKIE, id.to_owned()));
        Self {
            cookie: jar.get(COOKIE).cloned(),
        }
    }

    /// Returns the session key in the cookie.
    pub(crate) fn id(&self) -> Option<String> {
        let mut jar = CookieJar::new();
        jar.add_original(self.cookie.clone()?);
        jar.signed(&secret())
            .get(COOKIE)
            .map(|cookie| cookie.value().to_owned())
    }

    /// Requests `path`, which has to succeed, and returns the body as JSON.
    pub(crate) async fn get(
        &mut self,
        site: &impl AsyncFn(TestRequest) -> ServiceResponse,
        path: &str,
    ) -> Value {
        let mut request = TestRequest::get().uri(path);
        if let Some(cookie) = &self.cookie {
            request = request.cookie(cookie.clone());
        }
        let response = site(request).await;
        assert!(response.status().is_success(), "{path}: {response:?}");
        if let Some(given) = response.headers().get(SET_COOKIE) {
            let cookie = Cookie::parse_encoded(given.to_str().unwrap().to_owned()).unwrap();
            self.cookie = (!cookie.value().is_empty()).then_some(cookie);
        }
        serde_json::from_slice(&test::read_body(response).await).unwrap_or_default()
    }
}
