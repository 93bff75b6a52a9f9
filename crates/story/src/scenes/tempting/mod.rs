//! Act II: cheaper answers than Redis.

pub(super) mod cookie;
pub(super) mod cookie_or_redis;
pub(super) mod migration;
pub(super) mod secrets;
pub(super) mod shared_folder;
pub(super) mod sticky;
mod timing;
