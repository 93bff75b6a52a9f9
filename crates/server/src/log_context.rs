//! The session ID of the current request, shortened for the log.
//!
//! The middleware creates the ID of a new session after the handler has returned, and does not pass it on. The store
//! sees every ID, so its wrapper sets the ID here for the access log, which writes its line last.

use std::{cell::Cell, fmt};

use actix_session::storage::SessionKey;

tokio::task_local! {
    static CURRENT: Cell<Option<ShortId>>;
}

/// The first 8 characters of a session ID: enough to follow a visitor in a log, too few to use the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortId([u8; 8]);

impl ShortId {
    fn of(key: &SessionKey) -> Option<Self> {
        let start = key.as_ref().as_bytes().first_chunk()?;
        start
            .iter()
            .all(u8::is_ascii_alphanumeric)
            .then_some(Self(*start))
    }
}

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.0).unwrap_or("-"))
    }
}

/// Runs `serve` as one request. Returns its result and the last session ID that was set in it.
pub(crate) async fn scope<T>(serve: impl Future<Output = T>) -> (T, Option<ShortId>) {
    CURRENT
        .scope(Cell::new(None), async { (serve.await, short_id()) })
        .await
}

/// Sets the session of the current request.
pub(crate) fn set_session(key: Option<&SessionKey>) {
    // A store may be called outside of a request. There is no context to set then.
    let _ = CURRENT.try_with(|current| current.set(key.and_then(ShortId::of)));
}

/// Returns the session of the current request. It is `None` for a new session until the handler has returned.
#[must_use]
pub fn short_id() -> Option<ShortId> {
    CURRENT.try_with(Cell::get).ok().flatten()
}

/// Formats `id` for a log line.
pub(crate) fn display(id: Option<ShortId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

/// Returns the session of the current request for a log line: its first 8 characters, or `-`.
#[must_use]
pub fn session_for_log() -> String {
    display(short_id())
}
