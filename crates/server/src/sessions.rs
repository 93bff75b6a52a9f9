//! The session middleware: its cookie, and how routes are wrapped with it.

use actix_session::{
    SessionMiddleware,
    config::{CookieContentSecurity, PersistentSession, TtlExtensionPolicy},
    storage::SessionStore,
};
use actix_web::{
    Error, Resource, Scope,
    body::MessageBody,
    cookie::{Cookie, Key, SameSite, time::Duration},
    dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
};

use crate::{
    Settings, csrf::reject_cross_origin, session_response::finish_response, settings::non_empty,
    store::Shared,
};

/// Adds sessions to the routes of one worker.
pub struct Sessions<S: SessionStore + 'static> {
    cookie_name: &'static str,
    cookie_domain: Option<String>,
    secure: bool,
    age: Option<Duration>,
    key: Key,
    store: Shared<S>,
}

impl<S: SessionStore + 'static> Sessions<S> {
    pub(crate) fn new(
        settings: &Settings,
        key: &Key,
        age: Option<Duration>,
        store: Shared<S>,
    ) -> Self {
        Self {
            cookie_name: if settings.secure_cookie {
                "__Host-sessionID"
            } else {
                "sessionID"
            },
            cookie_domain: non_empty(settings.cookie_domain.as_ref()).map(str::to_owned),
            secure: settings.secure_cookie,
            age,
            key: key.clone(),
            store,
        }
    }

    /// Gives each request for `resource` a session. Rejects a request from another site's page, unless it is a GET or a
    /// HEAD, before its session is loaded.
    #[must_use]
    pub fn wrap_resource<T, B>(
        &self,
        resource: Resource<T>,
    ) -> impl HttpServiceFactory + use<S, T, B>
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
            .wrap(from_fn(finish_response))
            .wrap(from_fn(reject_cross_origin))
    }

    /// Does the same as [`wrap_resource`](Self::wrap_resource) for each route in `scope`.
    #[must_use]
    pub fn wrap_scope(&self, scope: Scope) -> impl HttpServiceFactory + use<S> {
        scope
            .wrap(self.middleware())
            .wrap(from_fn(finish_response))
            .wrap(from_fn(reject_cross_origin))
    }

    /// Returns the cookie that makes a browser delete its session cookie.
    ///
    /// The middleware sends one when it deletes a session. It sends none if the cookie's session had expired already.
    #[must_use]
    pub fn removal(&self) -> Cookie<'static> {
        let mut cookie = Cookie::build(self.cookie_name, "")
            .path("/")
            .secure(self.secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish();
        if let Some(domain) = &self.cookie_domain {
            cookie.set_domain(domain.clone());
        }
        cookie.make_removal();
        cookie
    }

    fn middleware(&self) -> SessionMiddleware<Shared<S>> {
        let builder = SessionMiddleware::builder(self.store.clone(), self.key.clone())
            .cookie_name(self.cookie_name.to_owned())
            .cookie_secure(self.secure)
            .cookie_domain(self.cookie_domain.clone())
            .cookie_same_site(SameSite::Lax)
            .cookie_http_only(true)
            .cookie_content_security(CookieContentSecurity::Signed);
        let Some(age) = self.age else {
            return builder.build();
        };
        // Each response sends the cookie again, so it does not expire while it is used.
        let lifecycle = PersistentSession::default()
            .session_ttl(age)
            .session_ttl_extension_policy(TtlExtensionPolicy::OnEveryRequest);
        builder.session_lifecycle(lifecycle).build()
    }
}
