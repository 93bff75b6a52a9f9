//! The idle and the absolute timeout.

use std::time::Duration;

/// The two timeouts of a session (OWASP ASVS 5.0, 7.3.1 and 7.3.2). `None` means no limit.
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
