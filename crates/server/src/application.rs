//! What a server serves: an application, and the sessions around its routes.

use std::rc::Rc;

use actix_session::{
    SessionMiddleware,
    config::{CookieContentSecurity, PersistentSession, TtlExtensionPolicy},
    storage::SessionStore,
};
use actix_web::{
    Error, HttpResponse, Resource, Scope,
    body::MessageBody,
    cookie::{Cookie, Key, SameSite, time::Duration},
    dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::from_fn,
    web,
};

use crate::{
    Settings,
    csrf::refuse_foreign,
    settings::non_empty,
    store::{Shared, answer_for_the_store},
};

/// A web application. Each worker has a clone of it.
///
/// Health checks, the log line of each request, `X-Served-By` and the end are the server's.
pub trait Application<S: SessionStore + 'static>: Clone + Send + 'static {
    /// Registers what each URL does. What needs a session goes around `sessions`; what is registered beside them answers
    /// also when the store doesn't.
    fn routes(&self, config: &mut web::ServiceConfig, sessions: &Sessions<S>);

    /// How long a browser keeps the session cookie, counted from the last answer; `None`: until it is closed.
    fn cookie_age(&self) -> Option<Duration> {
        None
    }

    /// What a client is told of an error that no handler answers: the store is missing, a foreign page asked.
    #[must_use]
    fn error_response(status: StatusCode, text: &str) -> HttpResponse {
        plain_text(status, text)
    }

    /// Called once, when the server has been asked to stop and still serves what is in flight.
    fn stopping(&self) {}
}

/// One line of text.
#[must_use]
pub fn plain_text(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(format!("{text}\n"))
}

/// Sessions for the routes of one worker.
pub struct Sessions<S: SessionStore + 'static> {
    cookie: Rc<CookieSettings>,
    store: Shared<S>,
}

struct CookieSettings {
    name: &'static str,
    domain: Option<String>,
    secure: bool,
    age: Option<Duration>,
    key: Key,
}

impl<S: SessionStore + 'static> Sessions<S> {
    pub(crate) fn new(
        settings: &Settings,
        key: &Key,
        age: Option<Duration>,
        store: Shared<S>,
    ) -> Self {
        let cookie = CookieSettings {
            name: if settings.secure_cookie {
                "__Host-sessionID"
            } else {
                "sessionID"
            },
            domain: non_empty(settings.cookie_domain.as_ref()).map(str::to_owned),
            secure: settings.secure_cookie,
            age,
            key: key.clone(),
        };
        Self {
            cookie: Rc::new(cookie),
            store,
        }
    }

    /// `resource`, with a session for each request. What changes anything (all but GET and HEAD) is refused to other
    /// sites' pages before a session is looked at.
    #[must_use]
    pub fn around<T, B>(&self, resource: Resource<T>) -> impl HttpServiceFactory + use<S, T, B>
    where
        T: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        resource
            .wrap(self.middleware())
            .wrap(from_fn(answer_for_the_store))
            .wrap(from_fn(refuse_foreign))
    }

    /// As [`around`](Self::around), for all that is in `scope`.
    #[must_use]
    pub fn around_all(&self, scope: Scope) -> impl HttpServiceFactory + use<S> {
        scope
            .wrap(self.middleware())
            .wrap(from_fn(answer_for_the_store))
            .wrap(from_fn(refuse_foreign))
    }

    /// The cookie that makes a browser forget its session cookie. The middleware sends one when it ends a session, but
    /// none to a browser whose session was dead already.
    #[must_use]
    pub fn removal(&self) -> Cookie<'static> {
        let CookieSettings {
            name,
            domain,
            secure,
            ..
        } = &*self.cookie;
        let cookie = Cookie::build(*name, "")
            .path("/")
            .secure(*secure)
            .http_only(true)
            .same_site(SameSite::Lax);
        let mut cookie = domain
            .iter()
            .fold(cookie, |cookie, domain| cookie.domain(domain.clone()))
            .finish();
        cookie.make_removal();
        cookie
    }

    fn middleware(&self) -> SessionMiddleware<Shared<S>> {
        let CookieSettings {
            name,
            domain,
            secure,
            age,
            key,
        } = &*self.cookie;
        let builder = SessionMiddleware::builder(self.store.clone(), key.clone())
            .cookie_name((*name).to_owned())
            .cookie_secure(*secure)
            .cookie_domain(domain.clone())
            .cookie_same_site(SameSite::Lax)
            .cookie_http_only(true)
            .cookie_content_security(CookieContentSecurity::Signed);
        match age {
            Some(age) => {
                // Anew with every answer: the cookie doesn't end while it is used.
                let lifecycle = PersistentSession::default()
                    .session_ttl(*age)
                    .session_ttl_extension_policy(TtlExtensionPolicy::OnEveryRequest);
                builder.session_lifecycle(lifecycle).build()
            }
            None => builder.build(),
        }
    }
}
