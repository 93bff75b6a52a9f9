//! The idle and the absolute timeout.

use std::time::Duration;

/// The two timeouts of a session (OWASP ASVS 5.0, 7.3.1 and 7.3.2). `None` means no limit.
///
/// ```
/// use std::time::Duration;
///
/// use session_stores::{Record, Timeouts};
/// use time::OffsetDateTime;
///
/// let timeouts = Timeouts {
///     idle: Some(Duration::from_secs(60)),
///     ..Timeouts::default()
/// };
/// let begin = OffsetDateTime::UNIX_EPOCH;
/// let record = Record::begin(None, begin, &timeouts);
/// assert_eq!(timeouts.end_of(&record), Some(begin + Duration::from_secs(12 * 60 * 60)));
/// assert_eq!(timeouts.ttl(&record, begin), timeouts.idle);
/// assert!(!timeouts.is_expired(&record, begin));
/// assert_eq!(Timeouts::NEVER.ttl(&Record::begin(None, begin, &Timeouts::NEVER), begin), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// A session expires when it has not been used for this long.
    pub idle: Option<Duration>,
    /// A session expires this long after it began, even if it is used.
    ///
    /// A session stores its end when it begins, so a changed value affects only later sessions.
    pub absolute: Option<Duration>,
}

impl Timeouts {
    /// No timeouts: a session stays until it is deleted.
    pub const NEVER: Self = Self {
        idle: None,
        absolute: None,
    };
}

impl Default for Timeouts {
    /// Returns 30 minutes idle and 12 hours absolute.
    fn default() -> Self {
        Self {
            idle: Some(Duration::from_secs(30 * 60)),
            absolute: Some(Duration::from_secs(12 * 60 * 60)),
        }
    }
}
