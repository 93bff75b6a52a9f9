//! The facts about a session that a change of its data keeps.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

/// When a session began and when it got its current ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Times {
    /// Start of the session. The absolute timeout counts from here, even if the ID changes.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the session got its current ID.
    #[serde(with = "rfc3339")]
    pub rotated_at: OffsetDateTime,
}

/// Times and user of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Metadata {
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
}

impl Metadata {
    /// Creates the metadata of a session that begins `now`.
    pub(crate) fn new(user: Option<String>, now: OffsetDateTime) -> Self {
        Self {
            times: Times {
                created_at: now,
                rotated_at: now,
            },
            user,
        }
    }

    /// Returns the metadata after the session got a new ID `now`.
    pub(crate) fn rotated(mut self, now: OffsetDateTime) -> Self {
        self.times.rotated_at = now;
        self
    }
}
