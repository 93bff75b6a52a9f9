//! The redirect that a session leaves under its old ID.
//!
//! It is a Redis hash and not a string. So Redis itself rejects commands that read, write or delete a session there
//! (WRONGTYPE), and sessions that never changed their ID cost nothing more. `SCAN … TYPE string` skips it.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// How long requests in flight at a renewal still find the session, counted from the end of the grace.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(60);

/// How many redirects in a row are followed. IDs are never used again, so only a hash written by hand makes a circle.
pub(super) const MAX_REDIRECTS: usize = 64;

/// The hash with the fields `MovedTo` and `FollowUntil`.
pub(super) struct Redirect {
    /// The session's next ID.
    pub(super) to: Uuid,
    /// The end of the grace, if there is one.
    follow_until: Option<OffsetDateTime>,
}

impl Redirect {
    /// Reads the redirect from the values of its fields.
    pub(super) fn read(to: Option<&str>, follow_until: Option<&str>) -> Option<Self> {
        Some(Self {
            to: to?.parse().ok()?,
            follow_until: follow_until.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()),
        })
    }

    /// Returns the ID to which a visitor with the old ID is redirected.
    pub(super) fn for_visitors(&self, now: OffsetDateTime) -> Option<Uuid> {
        let in_grace = self.follow_until.is_some_and(|until| now < until);
        in_grace.then_some(self.to)
    }

    /// Returns the ID to which a request is redirected that loaded the session under the old ID. Such a request may
    /// last longer than the grace.
    pub(super) fn for_requests_in_flight(&self) -> Option<Uuid> {
        self.follow_until.is_some().then_some(self.to)
    }
}
