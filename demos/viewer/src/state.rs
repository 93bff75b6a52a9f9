//! The state that all handlers share.

use session_stores::{RedisStore, Timeouts};

use crate::{redis::Redis, token::TokenKey, walk::Walker};

pub(crate) struct Viewer {
    pub(crate) redis: Redis,
    pub(crate) walker: Walker,
    pub(crate) store: RedisStore,
    pub(crate) token_key: TokenKey,
    /// The idle timeout has no other source. The absolute one is for sessions that were stored before records contained
    /// it.
    pub(crate) timeouts: Timeouts,
}
