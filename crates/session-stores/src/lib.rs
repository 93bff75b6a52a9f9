//! Four session stores for actix-web, each an [`actix_session::storage::SessionStore`].
//!
//! | module | store | keeps sessions in | an unknown session ID |
//! |---|---|---|---|
//! | [`memory`] | [`MemoryStore`] | a map of this process | permissive |
//! | [`file`](mod@file) | [`FileStore`] | a directory, one file per session | permissive |
//! | [`redis`] | [`RedisStore`] | Redis, one key per session | strict |
//! | [`cookie`] | [`CookieStore`] | the visitor's cookie | strict |
//!
//! A *permissive* store gives an empty session under an unknown ID, and the visitor keeps the cookie. Two instances
//! that share nothing then leave the cookie alone, and each counts on its own. A *strict* store gives the visitor a new
//! ID. Only then do logout, expiry and revocation hold on every instance.
//!
//! All stores share [`Record`], a session at rest, and [`Timeouts`], its idle and absolute timeout. Session IDs are
//! UUIDs (version 4). Each store module has a `NAME`, an `ABOUT` and `Options` whose `open` creates the store. So an
//! application names its store in one line: `use session_stores::redis as store;`.
//!
//! An application renews a session, rotates its ID and logs a user in with [`renew`], [`rotate`] and [`sign_in`].
//!
//! `tests/contract.rs` states once what every store promises, and runs each store through it. `tests/cookie.rs` does
//! the same for what a cookie can promise.
//!
//! The stores ignore the TTL that the middleware passes to `save` and `update`. The middleware passes none to `load`,
//! where an idle timeout is renewed.
#![warn(clippy::missing_errors_doc)]

mod id;
mod metadata;
mod record;
mod reserved;
mod session;
mod timeouts;

pub mod cookie;
pub mod file;
pub mod memory;
pub mod redis;

pub use cookie::{CookieStore, TooLarge};
pub use file::{FileStore, FileStoreError};
pub use memory::MemoryStore;
pub use metadata::Times;
pub use record::Record;
pub use redis::{RedisStore, RedisStoreError, SessionInfo};
pub use reserved::{RESERVED, State};
pub use session::{follow, handle_of, moved, renew, rotate, sign_in, times_of, user_of};
pub use timeouts::{Timeout, Timeouts};
