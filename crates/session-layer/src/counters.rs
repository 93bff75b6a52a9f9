//! Counts what the layer had to do beside its normal work.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters that all workers of a server share. Each only grows.
///
/// ```
/// use std::sync::{Arc, atomic::Ordering};
///
/// use session_layer::Options;
///
/// // Give each worker a clone of the options. A page of your own can show the counters.
/// let options = Options::default();
/// let counters = Arc::clone(&options.counters);
/// assert_eq!(counters.conflicts.load(Ordering::Relaxed), 0);
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// How often a write met a newer version of its session.
    pub conflicts: AtomicU64,
    /// How often a write was tried again.
    pub retries: AtomicU64,
    /// How many requests were answered with 503 because of the store.
    pub unavailable: AtomicU64,
}

impl Counters {
    pub(crate) fn add(&self, conflicts: u32, retries: u32) {
        if conflicts > 0 {
            self.conflicts.fetch_add(conflicts.into(), Relaxed);
            self.retries.fetch_add(retries.into(), Relaxed);
        }
    }
}
