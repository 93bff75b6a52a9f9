//! actix-session's middleware: its cookie, and how routes are wrapped with it.

use actix_session::{SessionMiddleware, storage::SessionStore};
use actix_web::{
    Error, Resource,
    body::{BoxBody, MessageBody},
    cookie::{Key, SameSite},
    dev::{HttpServiceFactory, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER},
    },
    middleware::{Next, from_fn},
};

use crate::{
    cookie_protection::CookieProtection, csrf::reject_cross_origin, error_text::blame_store,
    instance::InstanceInfo, request_context, store::Shared,
};

/// The settings of the session cookie. Its path is `/`, and it is `HttpOnly` and `SameSite=Lax`.
#[derive(Clone)]
pub struct CookieSettings {
    /// The cookie's name.
    pub name: &'static str,
    /// The domain whose subdomains share the cookie.
    pub domain: Option<String>,
    /// Whether browsers send the cookie over HTTPS only.
    pub secure: bool,
    /// Whether the cookie is signed or encrypted.
    pub protection: CookieProtection,
    /// The key that signs the cookie, or encrypts it.
    pub key: Key,
}

/// Adds sessions to the routes of one worker.
pub struct Sessions<S: SessionStore + 'static> {
    pub(crate) cookie: CookieSettings,
    pub(crate) store: Shared<S>,
}

impl<S: SessionStore + 'static> Sessions<S> {
    /// Gives each request for `resource` a session. Rejects a request from another site's page, unless it is a GET or a
    /// HEAD, before its session is loaded.
    pub fn wrap(&self, resource: Resource) -> impl HttpServiceFactory + use<S> {
        let cookie = &self.cookie;
        let middleware = SessionMiddleware::builder(self.store.clone(), cookie.key.clone())
            .cookie_name(cookie.name.to_owned())
            .cookie_secure(cookie.secure)
            .cookie_domain(cookie.domain.clone())
            .cookie_same_site(SameSite::Lax)
            .cookie_http_only(true)
            .cookie_content_security(cookie.protection.into())
            .build();
        resource
            .wrap(middleware)
            .wrap(from_fn(finish_response))
            .wrap(from_fn(reject_cross_origin))
    }
}

/// Completes the responses of routes with sessions: the cache header, and errors of the store.
///
/// Wraps the session middleware directly. An error of a handler has become a response there, so any error left comes
/// from the store. The log has its cause, and the client gets a general text.
async fn finish_response(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let error_response = InstanceInfo::of(request.request()).error_response;
    let no_store = HeaderValue::from_static("no-store");
    if let Ok(mut response) = next.call(request).await {
        response.headers_mut().insert(CACHE_CONTROL, no_store);
        return Ok(response.map_into_boxed_body());
    }
    let is_too_large = request_context::with(|context| context.too_large.get());
    let mut response = if is_too_large == Some(true) {
        let text = "the session has no room for this; nothing was changed";
        error_response(StatusCode::PAYLOAD_TOO_LARGE, text)
    } else {
        let text = "the session store is not available; try again in a moment";
        let mut response = error_response(StatusCode::SERVICE_UNAVAILABLE, text);
        blame_store(&mut response);
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        response
    };
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    Err(InternalError::from_response("the session store failed", response).into())
}
