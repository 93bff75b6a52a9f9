//! The session id of the request that is being served, as much of it as a log may show.
//!
//! The id of a new session is made after the handler, and the middleware tells nobody. Only the store sees every id, so
//! the store's wrapper notes it here, for the log line that is written last.

use std::{cell::Cell, fmt};

use actix_session::storage::SessionKey;

tokio::task_local! {
    static CURRENT: Cell<Option<ShortId>>;
}

/// The first 8 characters of a session id: enough to follow a visitor through a log, too few to be one.
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

/// Serves a request, within which ids can be noted; returns the last one with the answer.
pub(crate) async fn scope<T>(serve: impl Future<Output = T>) -> (T, Option<ShortId>) {
    CURRENT
        .scope(Cell::new(None), async { (serve.await, short_id()) })
        .await
}

/// Notes that the present request belongs to the session `key`, or to none.
pub(crate) fn note(key: Option<&SessionKey>) {
    // Outside of a request there is nothing to note: /readyz asks the store too.
    let _ = CURRENT.try_with(|current| current.set(key.and_then(ShortId::of)));
}

/// The session of the present request; `None` while it has none, or its id is yet to be made.
#[must_use]
pub fn short_id() -> Option<ShortId> {
    CURRENT.try_with(Cell::get).ok().flatten()
}

/// `id` for a log line.
pub(crate) fn display(id: Option<ShortId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

/// The session of the present request as a log line may show it: its first 8 characters, or `-`.
#[must_use]
pub fn session_for_log() -> String {
    display(short_id())
}
