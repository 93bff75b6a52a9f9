//! A small application under the layer, and its visitors.

use std::{cell::Cell, rc::Rc};

use actix_web::{
    App, Error, HttpResponse,
    cookie::{Cookie, CookieJar, Key},
    dev::ServiceResponse,
    http::header::{COOKIE, SET_COOKIE},
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use session_layer::{KeyRing, Options, Session, SessionError, SessionLayer};
use session_stores::{MemoryStore, Store, Timeouts};

thread_local! {
    /// How often the work of the step `later` has run in this test.
    pub(crate) static RUNS: Cell<u32> = const { Cell::new(0) };
}

fn key() -> Key {
    Key::derive_from(b"a secret of more than 32 bytes for these tests")
}

pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new(Timeouts::default())
}

async fn act(session: Session, steps: web::Path<String>) -> Result<HttpResponse, Error> {
    for step in steps.split('+') {
        match step.split_once('=').unwrap_or((step, "")) {
            ("show", _) => {}
            ("set", name) => session.insert(name, 1)?,
            ("text", name) => session.insert(name, "text")?,
            ("large", _) => session.insert("large", "x".repeat(70_000))?,
            ("remove", name) => session.remove(name),
            ("clear", _) => session.clear(),
            ("count", _) => drop(session.update("n", count_up).await?),
            ("log-in", user) => session.log_in(user),
            ("log-out", _) => session.log_out(),
            ("rotate", _) => session.rotate_id(),
            ("later", _) => session.after_save(async { RUNS.set(RUNS.get() + 1) }),
            ("yield", _) => tokio::task::yield_now().await,
            ("fail", _) => return Err(SessionError::Ended.into()),
            (unknown, _) => panic!("no step {unknown}"),
        }
    }
    Ok(HttpResponse::Ok().json(json!({
        "n": session.get::<u64>("n")?,
        "a": session.get::<u64>("a")?,
        "b": session.get::<u64>("b")?,
        "user": session.user(),
        "handle": session.handle(),
        "createdAt": session.created_at().map(|time| time.unix_timestamp_nanos().to_string()),
    })))
}

pub(crate) fn count_up(n: Option<u64>) -> u64 {
    n.unwrap_or(0) + 1
}

/// A visitor of a site, and their cookie. A clone has a copy of the cookie.
#[derive(Clone)]
pub(crate) struct Visitor {
    site: Rc<dyn Fn(TestRequest) -> LocalBoxFuture<'static, ServiceResponse>>,
    pub(crate) cookie: Option<Cookie<'static>>,
}

impl Visitor {
    /// Starts a site with the default settings and sessions in memory.
    pub(crate) async fn new() -> Self {
        Self::of(memory(), Options::default()).await
    }

    /// Starts a site. The path of a request names what its handler does with the session, as in `/set=a+log-in=alice`.
    pub(crate) async fn of<S: Store + 'static>(store: S, options: Options) -> Self {
        let layer = SessionLayer::with_options(store, KeyRing::new(key()), options);
        let app = App::new()
            .wrap(layer.middleware())
            .route("/{steps}", web::get().to(act));
        let app = Rc::new(init_service(app).await);
        let site = move |request: TestRequest| -> LocalBoxFuture<'static, _> {
            let app = Rc::clone(&app);
            Box::pin(async move { call_service(&*app, request.to_request()).await })
        };
        Self {
            site: Rc::new(site),
            cookie: None,
        }
    }

    /// Returns the session ID in the cookie.
    pub(crate) fn id(&self) -> String {
        let (jar, key) = (CookieJar::new(), key());
        let cookie = jar.signed(&key).verify(self.cookie.clone().unwrap());
        cookie.unwrap().value().to_owned()
    }

    /// Sends a request for `steps`, and takes the cookie of the response.
    pub(crate) async fn send(&mut self, steps: &str) -> ServiceResponse {
        let cookie = self.cookie.as_ref();
        let cookie = cookie.map(|cookie| cookie.encoded().to_string());
        let response = self.send_cookie(cookie.unwrap_or_default(), steps).await;
        if let Some(given) = response.headers().get(SET_COOKIE) {
            let cookie = Cookie::parse_encoded(given.to_str().unwrap().to_owned()).unwrap();
            self.cookie = (!cookie.value().is_empty()).then_some(cookie);
        }
        response
    }

    /// Sends a request for `steps` with this `Cookie` header.
    pub(crate) async fn send_cookie(
        &self,
        cookie: impl Into<Vec<u8>>,
        steps: &str,
    ) -> ServiceResponse {
        let request = TestRequest::get().uri(&format!("/{steps}"));
        (self.site)(request.append_header((COOKIE, cookie.into()))).await
    }

    /// Requests `steps`, which has to succeed, and returns the body.
    pub(crate) async fn get(&mut self, steps: &str) -> Value {
        body(self.send(steps).await).await
    }
}

/// Returns the body of a response, which must be a success.
pub(crate) async fn body(response: ServiceResponse) -> Value {
    assert!(response.status().is_success(), "{response:?}");
    serde_json::from_slice(&read_body(response).await).unwrap()
}

/// Asserts that each of these entries of a response has this value.
#[track_caller]
pub(crate) fn assert_seen(seen: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], value, "{name} in {seen}");
    }
}
