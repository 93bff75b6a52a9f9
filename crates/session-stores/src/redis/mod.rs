//! Sessions in Redis, shared by all instances that use the same Redis.
//!
//! A session is one key, `{prefix}{id}`, with its [`Record`](crate::Record) as JSON. Its TTL is the idle timeout, which
//! a read renews. If an operation changes several keys, or depends on what a key holds, the store sends a script in
//! Lua. Redis runs a script as one step, so nothing is ever half done.
//!
//! A request that only reads a session sends one command. If a request also changes, rotates or ends the session, it
//! sends two commands in all. The first request with a new ID sends one more.
//!
//! # What else is stored
//! - A *redirect* under the old ID of a session whose ID was rotated. It is a hash. So Redis returns an error if a
//!   command for sessions, which are strings, finds it. Its field `MovedTo` has the next ID. `FollowUntil` is a time in
//!   milliseconds since 1970. It is far in the future until a request uses the next ID; then the store sets it to the
//!   end of the grace. After a login the redirect has no `FollowUntil`. Only a logout that is already in flight follows
//!   such a redirect.
//! - The *index* of a user, `{prefix}user:{user}:sessions`: a sorted set of session IDs by the time of their login. It
//!   expires with the last absolute timeout of its sessions. Without an absolute timeout it stays until the user's last
//!   session has been ended.
//! - The *guard* of an index, `{prefix}user:{user}:guard`: a hash that expires like the index. A guard without an index
//!   shows that Redis has lost the index. Until the time in `LostUntil`, in milliseconds since 1970, the index may lack
//!   sessions that still exist.
//!
//! # What operators should know
//! - Memory: Redis does not return the memory of deleted sessions to the system at once.
//! - Snapshots: with RDB snapshots and without an append-only file, a crash brings back sessions that were logged out
//!   after the last snapshot.
//! - Import: if Redis loses its data, a cookie whose session was imported brings that session again.
//! - Cluster: the prefix needs a hash tag, as in `{session}:`, so that one node has all keys. The store does not follow
//!   the replies MOVED and ASK of a cluster, and does not support Sentinel.

mod actix_session;
mod commands;
mod connection;
mod error;
mod import;
mod options;
mod scripts;
mod server_info;
mod store;
mod tls;
mod undo;
mod url;
mod users;

pub use error::RedisStoreError;
pub use options::{ActixSessions, Options};
pub use store::RedisStore;
pub use users::SessionInfo;
