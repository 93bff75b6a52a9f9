//! When a session expires.

use std::time::Duration;

use time::OffsetDateTime;

use crate::{Record, Timeouts};

impl Timeouts {
    /// Returns when the session of `record` ends even if it is used, or `None` without such a limit.
    pub fn end_of(&self, record: &Record) -> Option<OffsetDateTime> {
        let configured = || self.absolute.map(|limit| record.created_at + limit);
        record.expires_at.or_else(configured)
    }

    /// Returns the time from `now` until the absolute timeout ends the session of `record`. Returns `None` without such
    /// a timeout, and zero when it has passed.
    pub fn remaining(&self, record: &Record, now: OffsetDateTime) -> Option<Duration> {
        let end = self.end_of(record)?;
        Some(Duration::try_from(end - now).unwrap_or_default())
    }

    /// Returns whether the absolute timeout of `record` has passed.
    pub fn is_expired(&self, record: &Record, now: OffsetDateTime) -> bool {
        self.remaining(record, now) == Some(Duration::ZERO)
    }

    /// Returns how long the session of `record` may stay unused after a request `now`, or `None` without a limit.
    pub fn ttl(&self, record: &Record, now: OffsetDateTime) -> Option<Duration> {
        let absolute = self.remaining(record, now);
        self.idle.into_iter().chain(absolute).min()
    }
}
