//! Around the store: a worker shares it, its failures are logged with their cause and answered without it.

use std::{collections::HashMap, fmt::Display, rc::Rc, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    cookie::time,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    rt::time::timeout,
};

use crate::current::{self, note};

type State = HashMap<String, String>;

/// How long `/readyz` waits for the store: well under the balancer's patience with `/readyz`.
const PROBE: Duration = Duration::from_millis(200);

/// The store of one worker, and so one connection of it, for all that ask it.
pub(crate) struct Shared<S>(Rc<S>);

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
        let nobody = SessionKey::try_from(uuid::Uuid::new_v4().to_string()).expect("a UUID is shorter than 4064 bytes");
        match timeout(PROBE, self.0.load(&nobody)).await {
            Ok(Ok(_)) => "up",
            Ok(Err(_)) => "down",
            Err(_) => "not answering",
        }
    }
}

impl<S: SessionStore> SessionStore for Shared<S> {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let loaded = self.0.load(session_key).await.inspect_err(|error| log_cause("load", error))?;
        note(loaded.is_some().then_some(session_key));
        Ok(loaded)
    }

    async fn save(&self, session_state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let key = self.0.save(session_state, ttl).await.inspect_err(|error| log_cause("save", error))?;
        note(Some(&key));
        Ok(key)
    }

    async fn update(&self, session_key: SessionKey, session_state: State, ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let key = self.0.update(session_key, session_state, ttl).await.inspect_err(|error| log_cause("update", error))?;
        note(Some(&key));
        Ok(key)
    }

    async fn update_ttl(&self, session_key: &SessionKey, ttl: &time::Duration) -> Result<(), anyhow::Error> {
        self.0.update_ttl(session_key, ttl).await.inspect_err(|error| log_text("renew", error))
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        self.0.delete(session_key).await.inspect_err(|error| log_text("delete", error))
    }
}

/// Logs what lies under the trait's own error, which only says which call it was.
fn log_cause(call: &str, error: &dyn std::error::Error) {
    let causes: Vec<String> = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect();
    log_text(call, causes.join(": "));
}

fn log_text(call: &str, text: impl Display) {
    log::error!("session {call} failed: {text} sessionID={}", current::shown(current::short_id()));
}

/// What a client is told when the store fails. The log has the cause.
#[derive(Debug, thiserror::Error)]
#[error("the session store is not available; try again in a moment")]
struct StoreUnavailable;

impl ResponseError for StoreUnavailable {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::build(self.status_code())
            .insert_header((RETRY_AFTER, "1"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type("text/plain; charset=utf-8")
            .body(format!("{self}\n"))
    }
}

/// Stands directly around the session middleware. What handlers fail with has become a response by then, so an error
/// that comes out of it is the store's.
pub(crate) async fn answer_for_the_store(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match next.call(request).await {
        Ok(mut response) => {
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response.map_into_boxed_body())
        }
        Err(_) => Err(StoreUnavailable.into()),
    }
}
