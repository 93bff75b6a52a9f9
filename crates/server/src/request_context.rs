//! The facts that the server remembers about the current request.
//!
//! actix-session calls its store up to three times for a request, and passes nothing from one call to the next. So the
//! [adapter](crate::ActixStore) remembers here what it loaded, how long it may still wait, and whether the session was
//! too large. The access log reads the session ID here, because a new session gets its ID after the handler has
//! returned.
//!
//! The access log opens the scope of each request. [`request_scope`] does so in an application without that log.
//! Outside of a scope nothing is remembered.

use std::{cell::Cell, time::Duration};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use futures_util::FutureExt;
use session_stores::{Loaded, ShortId};

tokio::task_local! {
    static CURRENT: RequestContext;
}

#[derive(Default)]
pub(crate) struct RequestContext {
    /// The session ID for the log.
    pub(crate) session: Cell<Option<ShortId>>,
    /// The session as it was loaded, until it is written.
    pub(crate) loaded: Cell<Option<Loaded>>,
    /// How long the request may still wait for the store. `None` before the first call.
    pub(crate) time_left: Cell<Option<Duration>>,
    /// Whether the store failed because the session was too large.
    pub(crate) too_large: Cell<bool>,
}

/// Runs `serve` as one request. Returns its result and the last session ID that was set in it.
// Not an `async fn`, which would hold `serve` more than once.
pub(crate) fn scope<T>(
    serve: impl Future<Output = T>,
) -> impl Future<Output = (T, Option<ShortId>)> {
    let context = RequestContext::default();
    CURRENT.scope(context, serve.map(|result| (result, short_id())))
}

/// Lets the [adapter](crate::ActixStore) remember what it needs during each request. Wrap the middleware of
/// actix-session with it in an application that is not served by [`Server`](crate::Server).
pub async fn request_scope<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    scope(next.call(request)).await.0
}

/// Calls `work` with the context of the current request. Outside of a request, returns `None`.
pub(crate) fn with<T>(work: impl FnOnce(&RequestContext) -> T) -> Option<T> {
    CURRENT.try_with(work).ok()
}

/// Returns the session of the current request. It is `None` for a new session until the handler has returned.
pub fn short_id() -> Option<ShortId> {
    with(|context| context.session.get()).flatten()
}

/// Formats `id` for a log line.
pub(crate) fn display(id: Option<ShortId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

/// Returns the session of the current request for a log line: its first 8 characters, or `-`.
pub fn session_for_log() -> String {
    display(short_id())
}
