//! The errors of stores.

/// Why a store could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The session is too large. The stored state is unchanged.
    #[error("the session has {bytes} bytes, and the store takes {limit}; keep less in it")]
    TooLarge {
        /// Size of the session.
        bytes: usize,
        /// The most that the store takes.
        limit: usize,
    },
    /// The request has used up its time for the store. A write that was in flight may still take effect.
    #[error("the session store took longer than the request may wait")]
    TimedOut,
    /// Other requests have changed the session before each attempt to write it. Nothing was written.
    #[error("other requests changed the session before each of {0} attempts to write it")]
    Contended(u32),
    /// The store has lost track of this user's sessions, so it cannot promise to end all of them.
    #[error("the index of the user's sessions is incomplete, so nothing was ended")]
    IncompleteIndex,
    /// The store failed, with its own error.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Wraps the error of a store.
    pub fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Failed(Box::new(error))
    }
}
