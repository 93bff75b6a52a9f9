//! The tutorials' application: a visit counter, and a value to remember.
//!
//! The demos serve it, each with another session store: `server.serve(NAME, store, Counter)`.
//!
//! - `routes`: what each URL does
//! - `session`: what a session holds; `value`: what a visitor may put into it
//! - `view`: a response as text, JSON or a page; `page`: the page

mod page;
mod routes;
mod session;
mod value;
mod view;

pub use routes::Counter;
