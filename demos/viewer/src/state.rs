//! The state that all handlers share.

use std::time::Duration;

use session_stores::RedisStore;

use crate::{redis::Redis, token::TokenKey};

pub(crate) struct Viewer {
    pub(crate) redis: Redis,
    pub(crate) store: RedisStore,
    pub(crate) token_key: TokenKey,
    /// The absolute timeout of the sessions shown. Redis does not know it.
    pub(crate) absolute_timeout: Option<Duration>,
}
