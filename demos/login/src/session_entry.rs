//! One session in the list of a user's sessions.

use std::time::Duration;

use serde::Serialize;
use session_stores::SessionInfo;
use time::{OffsetDateTime, serde::rfc3339};

use crate::session::instance_of;

/// An active session, as its user sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionEntry {
    pub(crate) handle: String,
    /// Whether it is the session of the current request.
    pub(crate) current: bool,
    #[serde(with = "rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(crate) updated_at: OffsetDateTime,
    /// The instance that last changed it.
    pub(crate) instance: Option<String>,
    /// The rest of both timeouts, in seconds.
    pub(crate) idle_seconds_left: Option<u64>,
    pub(crate) absolute_seconds_left: Option<u64>,
}

impl SessionEntry {
    pub(crate) fn new(session: SessionInfo, current: Option<&str>) -> Self {
        Self {
            current: current == Some(&session.handle),
            created_at: session.created_at,
            updated_at: session.updated_at,
            instance: instance_of(&session.data),
            idle_seconds_left: session.idle_left.as_ref().map(Duration::as_secs),
            absolute_seconds_left: session.absolute_left.as_ref().map(Duration::as_secs),
            handle: session.handle,
        }
    }
}
