//! The tutorials' application: it counts a visitor's requests and remembers a value.
//!
//! Each demo serves it with another session store: `server.serve(NAME, store, Counter)`.
//!
//! - `routes`: what each URL does
//! - `session`: what a session holds; `value`: which values a visitor may set
//! - `view`: what a visitor sees; `response`: a view as text, JSON or a page; `page`: the page

mod page;
mod response;
mod routes;
mod session;
mod value;
mod view;

pub use routes::Counter;
