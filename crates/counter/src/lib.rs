//! The tutorials' application: it counts a visitor's requests and remembers a value.
//!
//! Each demo serves it with another session store: `server.serve(NAME, store, Counter)`.
//!
//! - `routes`: the URLs and their handlers
//! - `session`: the entries of a session; `value`: a value that a visitor may set
//! - `response`: a session as text, JSON or a page
//! - `strip`: this browser's last requests, on each page
//! - `last_set`: the value that this browser set last; `consequence`: what became of it

mod consequence;
mod last_set;
mod response;
mod routes;
mod session;
mod strip;
mod value;

pub use routes::Counter;
