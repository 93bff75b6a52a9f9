//! The settings that handlers use.

use session_stores::{Timeout, Timeouts};

/// The application's settings, fixed when the server starts.
#[derive(Clone)]
pub(crate) struct Rules {
    /// The age at which a session ID is rotated.
    pub(crate) rotate_after: Timeout,
    /// Whether to serve the routes for experiments.
    pub(crate) lab: bool,
    /// When a session expires.
    pub(crate) timeouts: Timeouts,
}
