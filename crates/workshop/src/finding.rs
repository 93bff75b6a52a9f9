//! The results of a check that are not successes: a finding, or a reason to skip the check.

use testkit::Response;
use thiserror::Error;

/// Describes what is wrong with an attendee's work. Any other error of a check is a fault of the installation.
#[derive(Debug, Clone, Error)]
#[error("expected {expected}; observed {observed}; {meaning}")]
pub(crate) struct Finding {
    pub(crate) expected: String,
    pub(crate) observed: String,
    /// The instance that answered, if there was one.
    pub(crate) instance: Option<String>,
    pub(crate) meaning: String,
}

impl Finding {
    /// Creates a finding without an instance.
    pub(crate) fn new(
        expected: impl Into<String>,
        observed: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        Self {
            expected: expected.into(),
            observed: observed.into(),
            instance: None,
            meaning: meaning.into(),
        }
    }

    /// Creates a finding about a response: the observation is its body, or its status if the server failed.
    pub(crate) fn about(
        seen: &Response,
        expected: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        let observed = match seen.status {
            200 => seen.body.trim_end().to_owned(),
            status => format!("status {status}"),
        };
        Self::new(expected, observed, meaning).at(seen.instance.as_deref())
    }

    /// Adds the name of the instance that answered.
    pub(crate) fn at(self, instance: Option<&str>) -> Self {
        Self {
            instance: instance.map(str::to_owned),
            ..self
        }
    }
}

/// Is the error of a check that cannot run on this machine, with the reason.
#[derive(Debug, Clone, Error)]
#[error("{0}")]
pub(crate) struct Skipped(pub String);
