//! The state that all handlers share.

use session_stores::{RedisStore, Timeouts};

use crate::{redis::Redis, token::TokenKey};

pub(crate) struct Viewer {
    pub(crate) redis: Redis,
    pub(crate) store: RedisStore,
    pub(crate) token_key: TokenKey,
    /// For sessions that were stored before records contained their absolute timeout.
    pub(crate) timeouts: Timeouts,
}
