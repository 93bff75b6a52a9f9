//! Four places for a session to live, each an [`actix_session::storage::SessionStore`].
//!
//! | module | store | keeps sessions in | an id it doesn't hold |
//! |---|---|---|---|
//! | [`memory`] | [`MemoryStore`] | a map of this process | adopted |
//! | [`file`](mod@file) | [`FileStore`] | a directory, a file per session | adopted |
//! | [`redis`] | [`RedisStore`] | Redis, a key per session | refused |
//! | [`cookie`] | [`CookieStore`] | the visitor's cookie | refused |
//!
//! *Adopt*: the visitor keeps the id in the cookie and gets an empty session under it, so two servers that know nothing
//! of each other leave one cookie alone and each count for themselves. *Refuse*: the visitor gets a new id; only then
//! does the end of a session (logout, expiry, revocation) hold on every instance.
//!
//! Shared by all: [`Record`] is a session at rest, [`Timeouts`] says when one ends, ids are UUIDs (version 4).
//! Each store module offers `NAME`, `ABOUT` and `Options`, whose `open` makes the store, so that an application names
//! its store in one line: `use session_stores::redis as store;`.
//!
//! An application renews a session, rotates its id and signs a user in with [`renew`], [`rotate`] and [`sign_in`], which
//! each store does in one step of its own.
//!
//! What every store promises is written once, in `tests/contract.rs`, and all are put through it; the cookie store through what it can hold.
//!
//! The stores' own timeouts rule. The TTL that the middleware hands to `save` and `update` is ignored, because it hands
//! none to `load`, where an idle timeout is renewed.

mod id;
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
pub use record::{Record, State, Times};
pub use redis::{Listed, RedisStore, RedisStoreError};
pub use reserved::RESERVED;
pub use session::{follow, handle_of, moved, renew, rotate, sign_in, times_of, user_of};
pub use timeouts::{Timeout, Timeouts};
