//! Around the store: a worker shares it, its failures are logged with their cause and answered without it.

use std::{collections::HashMap, fmt::Display, ops::Deref, pin::Pin, rc::Rc, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    cookie::time,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    rt::time::timeout,
    web,
};

use crate::{
    instance::InstanceInfo,
    log_context::{self, note},
};

type State = HashMap<String, String>;

/// How long `/readyz` waits for the store: well under the balancer's patience with `/readyz`.
const PROBE: Duration = Duration::from_millis(200);

/// The store of one worker, and so one connection of it, for all that ask it.
///
/// Handlers that need more of a store than its sessions find it in the application's data.
pub struct Shared<S>(Rc<S>);

impl<S> Deref for Shared<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<S: SessionStore> Shared<S> {
    pub(crate) fn new(store: S) -> Self {
        Self(Rc::new(store))
    }

    /// How the store is, by asking it for a session that nobody has.
    pub(crate) async fn state(&self) -> &'static str {
        let nobody = SessionKey::try_from(uuid::Uuid::new_v4().to_string())
            .expect("a UUID is shorter than 4064 bytes");
        match timeout(PROBE, self.0.load(&nobody)).await {
            Ok(Ok(_)) => "up",
            Ok(Err(_)) => "down",
            Err(_) => "not answering",
        }
    }
}

impl<S: SessionStore> SessionStore for Shared<S> {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let loaded = self
            .0
            .load(session_key)
            .await
            .inspect_err(|error| log_cause("load", error))?;
        note(loaded.is_some().then_some(session_key));
        Ok(loaded)
    }

    async fn save(
        &self,
        session_state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, SaveError> {
        let key = self
            .0
            .save(session_state, ttl)
            .await
            .inspect_err(|error| log_cause("save", error))?;
        note(Some(&key));
        Ok(key)
    }

    async fn update(
        &self,
        session_key: SessionKey,
        session_state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let key = self
            .0
            .update(session_key, session_state, ttl)
            .await
            .inspect_err(|error| log_cause("update", error))?;
        note(Some(&key));
        Ok(key)
    }

    async fn update_ttl(
        &self,
        session_key: &SessionKey,
        ttl: &time::Duration,
    ) -> Result<(), anyhow::Error> {
        self.0
            .update_ttl(session_key, ttl)
            .await
            .inspect_err(|error| log_text("renew", error))
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        self.0
            .delete(session_key)
            .await
            .inspect_err(|error| log_text("delete", error))
    }
}

/// Logs what lies under the trait's own error, which only says which call it was.
fn log_cause(call: &str, error: &dyn std::error::Error) {
    let causes: Vec<String> = std::iter::successors(error.source(), |cause| cause.source())
        .map(ToString::to_string)
        .collect();
    log_text(call, causes.join(": "));
}

fn log_text(call: &str, text: impl Display) {
    log::error!(
        "session {call} failed: {text} sessionID={}",
        log_context::display(log_context::short_id())
    );
}

/// An answer without the store. The log has the cause.
fn without_the_store(instance: &InstanceInfo) -> Error {
    let text = "the session store is not available; try again in a moment";
    let mut response = (instance.error_response)(StatusCode::SERVICE_UNAVAILABLE, text);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    InternalError::from_response(text, response).into()
}

/// A handler's error where its own `call` of the store failed: logged with its cause, told without.
pub fn store_failed(instance: &InstanceInfo, call: &str, error: impl Display) -> Error {
    log_text(call, error);
    without_the_store(instance)
}

/// What is to be done after the session middleware, whose part comes after the handler's.
struct Afterwards(Pin<Box<dyn Future<Output = ()>>>);

/// Has `work` done once the store has done what the session of `request` asks of it, and before the answer goes out. Not
/// if the store failed. One such work for each request.
pub fn afterwards(request: &HttpRequest, work: impl Future<Output = ()> + 'static) {
    request.extensions_mut().insert(Afterwards(Box::pin(work)));
}

/// Stands directly around the session middleware. What handlers fail with has become a response by then, so an error
/// that comes out of it is the store's.
pub(crate) async fn answer_for_the_store(
    instance: web::Data<InstanceInfo>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match next.call(request).await {
        Ok(mut response) => {
            let work = response.request().extensions_mut().remove::<Afterwards>();
            if let Some(Afterwards(work)) = work {
                work.await;
            }
            response
                .headers_mut()
                .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response.map_into_boxed_body())
        }
        Err(_) => Err(without_the_store(&instance)),
    }
}
