//! Points in time.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// A point in time, by the clock and by a timer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Milliseconds since 1970.
    pub(crate) millis: i64,
    timer: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self {
            millis: millis(OffsetDateTime::now_utc()),
            timer: Instant::now(),
        }
    }

    pub(crate) fn age(self) -> Duration {
        self.timer.elapsed()
    }
}

/// Returns `time` in milliseconds since 1970.
pub(crate) fn millis(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
