//! The middleware: loads the session before the handler, and writes it after the handler.

use std::{
    rc::Rc,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderMap, HeaderValue, RETRY_AFTER, SET_COOKIE},
    },
    middleware::{Next, from_fn},
};
use session_stores::{Access, Data, Identity, OldId, ShortId, Store};

use crate::{Session, SessionError, SessionLayer, cookie::FoundKey, layer::Config};

impl<S: Store + 'static> SessionLayer<S> {
    /// Creates the middleware, to wrap a resource, a scope or the whole application with it.
    pub fn middleware<T, B>(
        &self,
    ) -> impl Transform<
        T,
        ServiceRequest,
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    > + use<S, T, B>
    where
        T: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        let config = Rc::clone(&self.0);
        from_fn(move |request, next: Next<B>| {
            let config = Rc::clone(&config);
            async move { config.serve(request, next).await }
        })
    }
}

impl<S: Store + 'static> Config<S> {
    async fn serve(
        &self,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let found = self.find_key(request.headers());
        let store = Arc::clone(&self.store);
        let access = Rc::new(Access::new(store, self.store.time_limit()));
        let loaded = match &found {
            Some(found) => access.load(&found.key).await,
            None => Ok(None),
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                let response = self.failed(&error.into(), "-");
                return Ok(request.into_response(response));
            }
        };
        let session = Session::new(access.clone(), self.store.timeouts(), loaded);
        session.set_has_cookie(found.is_some());
        request.extensions_mut().insert(session.clone());

        let response = next.call(request).await?.map_into_boxed_body();

        let error = response.response().error();
        let saved = match error.and_then(|error| error.as_error::<SessionError>()) {
            // The handler could not do its work with the session. So the layer writes nothing else of it.
            Some(error) => Err(self.failed(error, &session.log_id())),
            None => self
                .save(&session, &access, found.as_ref())
                .await
                .map_err(|error| self.failed(&error, &session.log_id())),
        };
        self.options
            .counters
            .add(access.conflicts(), access.retries());
        let (mut response, cookie) = match saved {
            Ok(cookie) => (response, cookie),
            Err(failed) => (response.into_response(failed), None),
        };
        if let Some(cookie) = cookie {
            let old = self.remove_import_cookie(response.request().headers());
            for cookie in [Some(cookie), old].into_iter().flatten() {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
        }
        if let Some(id) = session.id() {
            let mut extensions = response.request().extensions_mut();
            extensions.insert(ShortId::from(id));
        }
        no_store(response.headers_mut());
        Ok(response)
    }

    /// Writes what the handler has changed, and then runs the work that waits for it. Returns the cookie to send.
    async fn save(
        &self,
        session: &Session,
        access: &Access<Arc<S>>,
        found: Option<&FoundKey>,
    ) -> Result<Option<HeaderValue>, SessionError> {
        let requested = session.take_requested();
        let cookie = if requested.log_out {
            if let Some(found) = found {
                access.delete(&found.key).await?;
            }
            self.remove_cookie()
        } else {
            let identity = self.identity(requested.identity, session);
            let needs_write = identity != Identity::Keep || !requested.changes.is_empty();
            if needs_write || session.is_import() {
                let change = |data: &mut Data| {
                    requested.changes.apply(data);
                    Ok(())
                };
                let loaded = session.loaded();
                if let Some(written) = access.write(loaded, identity, change).await? {
                    session.set_written(written);
                }
            }
            match session.take_key(found.map(|found| found.key.as_str())) {
                Some(key) if self.needs_cookie(&key, found) => self.set_cookie(key, found),
                _ => None,
            }
        };
        for work in requested.after_save {
            work.await;
        }
        Ok(cookie)
    }

    /// Rotates an ID that has become too old, unless the handler has asked for more.
    fn identity(&self, requested: Identity, session: &Session) -> Identity {
        let age = session.id_age();
        let is_old = |limit| age.is_some_and(|age| age >= limit);
        if requested == Identity::Keep && self.options.rotate_after.is_some_and(is_old) {
            Identity::Rotate(OldId::Redirects)
        } else {
            requested
        }
    }

    fn needs_cookie(&self, key: &str, found: Option<&FoundKey>) -> bool {
        let is_known = found.is_some_and(|found| found.signed.is_some() && found.key == key);
        !is_known || self.options.cookie_max_age.is_some()
    }

    /// Logs `error`, and returns the response for the client, which does not name the cause.
    fn failed(&self, error: &SessionError, id: &str) -> HttpResponse {
        let status = error.status_code();
        if status.is_server_error() {
            log::error!("session: {error} sessionID={id}");
        } else {
            log::info!("session: {error} sessionID={id}");
        }
        let mut response = (self.options.error_response)(status, error.public_message());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            self.options.counters.unavailable.fetch_add(1, Relaxed);
            let one_second = HeaderValue::from_static("1");
            response.headers_mut().insert(RETRY_AFTER, one_second);
        }
        no_store(response.headers_mut());
        response
    }
}

/// Keeps a response that depends on a session out of caches.
fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
