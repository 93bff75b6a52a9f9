//! The counter application over HTTP, in the demos that serve it.
//!
//! - `responses`: the greeting, formats and URLs; `page`: the page; `values`: values that a visitor sets
//! - `last_set`: what became of the value that a browser set last
//! - `logout`: a visitor ends the session
//! - `in_cookie`: sessions that live in the cookie
//! - `mains`: the demos differ only in the line that names their store
//! - `common`: helpers

mod common;
mod in_cookie;
mod last_set;
mod logout;
mod mains;
mod page;
mod responses;
mod values;
