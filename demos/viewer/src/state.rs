//! The state that all handlers share.

use session_stores::{RedisStore, Timeouts};

use crate::{redis::Redis, token::TokenKey};

pub(crate) struct Viewer {
    pub(crate) redis: Redis,
    pub(crate) store: RedisStore,
    pub(crate) token_key: TokenKey,
    /// The timeouts of the sessions shown. Redis does not know the absolute one.
    pub(crate) timeouts: Timeouts,
}
