//! The viewer over HTTP: the real binary with its own Redis.
//!
//! - `page`: what the page shows, and that hostile data stays text
//! - `end`: the button that ends a session; `access`: host names, listening, the access log, stopping
//! - `paging`: pages of the list, with few sessions and with 100,000; `search`: the search; `changes`: what has changed
//!   since the last look; `outage`: Redis stopped, frozen, not listing its keys,
//!   and back
//! - `common`: helpers

mod access;
mod changes;
mod common;
mod end;
mod outage;
mod page;
mod paging;
mod search;
