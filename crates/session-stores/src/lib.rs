//! Session stores for web servers, with one contract: [`Store`].
//!
//! | module | store | keeps sessions in | an unknown session ID |
//! |---|---|---|---|
//! | [`memory`] | [`MemoryStore`] | a map of this process | permissive |
//! | [`mod@file`] | [`FileStore`] | one file each in a directory | permissive |
//! | [`redis`] | [`RedisStore`] | Redis, which all instances share | strict |
//! | [`cookie`] | [`CookieStore`] | the visitor's own cookie | strict |
//!
//! A *permissive* store gives an empty session under an unknown ID, and the visitor keeps the cookie. If two instances
//! share no store, each keeps its own session under the visitor's ID, and neither replaces the cookie. A *strict* store
//! gives the visitor a new ID.
//!
//! Only [`RedisStore`] makes a logout, an expiry or a revocation hold on every instance. In the other stores an old ID
//! may still work elsewhere: at an instance that does not share the store, or because the session is in a copied
//! cookie.
//!
//! To use a store in actix-web, put it under a middleware such as `session_layer::SessionLayer`. To write a store,
//! begin with `examples/own_store.rs`, and read the source of [`memory`].
//!
//! # Where to begin
//! A server opens one store, and makes an [`Access`] for each request. The example of [`Access`] follows a visitor from
//! the first visit to the logout. An item without an example of its own appears in that of its type, in that of
//! [`Access`], or in `examples/own_store.rs`. The variants of the errors have no examples: their messages explain them.
//!
//! # Features
//! `memory`, `file`, `cookie` and `redis` are on by default. `redis` includes `cookie`, whose sessions it can import.
//! `redis-tls` adds URLs that begin with `rediss://`. It uses rustls, and makes ring the program's provider of
//! cryptography unless the program has chosen one. [`FileStore`] exists on Unix only.
#![warn(clippy::missing_errors_doc)]

mod access;
mod changes;
mod encode;
mod error;
mod expiry;
mod id;
mod record;
mod store;
mod timeouts;
mod waiting;

#[cfg(feature = "cookie")]
pub mod cookie;
#[cfg(all(unix, feature = "file"))]
pub mod file;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "redis")]
pub mod redis;

pub use access::{Access, Identity, Written};
pub use changes::Changes;
#[cfg(feature = "cookie")]
pub use cookie::CookieStore;
pub use error::StoreError;
#[cfg(all(unix, feature = "file"))]
pub use file::{FileStore, FileStoreError};
pub use id::{ShortId, parse as parse_id};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
pub use record::{Data, MalformedRecord, Record};
#[cfg(feature = "redis")]
pub use redis::{RedisStore, RedisStoreError};
pub use store::{Loaded, OldId, Saved, Store};
pub use timeouts::Timeouts;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
