//! The shared server over HTTP, in the demos that use it.
//!
//! - `cookie`: the session cookie and its secret; `csrf`: requests from other sites' pages
//! - `headers`: headers of every response, and health checks; `logs`: the log
//! - `error_pages`: the pages of errors
//! - `settings`: flags and variables; `startup`: errors at the start, session folders; `shutdown`: signals
//! - `slow_clients`: clients that never finish their requests
//! - `outage`: Redis is down, frozen or full
//! - `common`: helpers

mod common;
mod cookie;
mod csrf;
mod error_pages;
mod headers;
mod late_write;
mod logs;
mod outage;
mod settings;
mod shutdown;
mod slow_clients;
mod startup;
