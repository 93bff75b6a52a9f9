//! The shared server over HTTP, in the demos that use it.
//!
//! - `cookie`: the session cookie; `csrf`: requests from other sites' pages; `headers`: headers of every response
//! - `health`: health checks; `logs`: the log
//! - `settings`, `secret`: flags and variables; `startup`: the store at the start; `shutdown`: signals
//! - `outage`: Redis is down, frozen or full; `import`: a session from a cookie, when Redis has it or is down
//! - `common`: helpers

mod common;
mod cookie;
mod csrf;
mod headers;
mod health;
mod import;
mod logs;
mod outage;
mod secret;
mod settings;
mod shutdown;
mod startup;
