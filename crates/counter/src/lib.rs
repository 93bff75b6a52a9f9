//! The tutorials' application: it counts a visitor's requests and remembers a value.
//!
//! Each demo serves it with another session store: `server.serve(NAME, store, Counter)`.
//!
//! - `routes`: the URLs and their handlers
//! - `session`: the entries of a session; `value`: a value that a visitor may set
//! - `response`: a session as text, JSON or a page

mod response;
mod routes;
mod session;
mod value;

pub use routes::Counter;
