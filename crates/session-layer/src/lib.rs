//! Sessions for actix-web: a middleware, and a typed session that handlers take as an argument.
//!
//! It is for applications whose users log in. [`SessionLayer`] loads the session before the handler and writes it after
//! it. [`Session`] reads and changes it. A store of [`session_stores`] keeps it.
//!
//! ```
//! use actix_web::{App, HttpResponse, Responder, web};
//! use session_layer::{KeyRing, Session, SessionError, SessionLayer};
//! use session_stores::{MemoryStore, Timeouts};
//!
//! /// Logs alice in. A real application checks her password first.
//! async fn log_in(session: Session) -> impl Responder {
//!     session.log_in("alice");
//!     HttpResponse::SeeOther().insert_header(("location", "/")).finish()
//! }
//!
//! async fn greet(session: Session) -> Result<String, SessionError> {
//!     let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
//!     let user = session.user().unwrap_or("stranger".to_owned());
//!     Ok(format!("Hello {user}, this is visit number {visits}"))
//! }
//!
//! // In production use RedisStore, which all instances share.
//! let store = MemoryStore::new(Timeouts::default());
//! let keys = KeyRing::from_secret("read this secret of 32 bytes from the environment")?;
//! let app = move || {
//!     App::new()
//!         .wrap(SessionLayer::new(store.clone(), keys.clone()).middleware())
//!         .route("/log-in", web::post().to(log_in))
//!         .route("/", web::get().to(greet))
//! };
//! # let _ = app();
//! # Ok::<(), session_layer::ShortSecret>(())
//! ```
//!
//! It adds this to the middleware of actix-session:
//!
//! - **No change is lost** in a store that knows versions. Two requests may change one session at the same time. The
//!   layer merges their changes entry by entry. [`Session::update`] changes one entry atomically.
//! - **A request waits a bounded time** for the store in total; see [`session_stores::Store::time_limit`]. If that time
//!   runs out, the layer answers 503 with `Retry-After` and logs the cause.
//! - **IDs are rotated safely.** The layer rotates the ID at [`Session::log_in`], and when the ID has reached the age
//!   of [`Options::rotate_after`]. Your handler calls [`Session::rotate_id`] when rights change. If a rotation and a
//!   logout run at once, the session stays ended.
//! - **Secrets can be replaced** without logging users out; see [`KeyRing`].
//!
//! If your sessions are in actix-session's `RedisSessionStore`, you can move without logging anyone out; see
//! [`Options::import_cookie_name`]. A method of [`Session`] without an example does no more than its first sentence
//! promises.
//!
//! # What happens to a request
//! The layer loads the session before the handler, if the request has a signed cookie. It writes the changes after the
//! handler, even if the response is an error. The exception is a [`SessionError`] that the handler returns: then
//! nothing more is written. If writing fails, the client gets the layer's error response instead of the handler's
//! response. Every response is `Cache-Control: no-store`. The cookie is `HttpOnly`, `SameSite=Lax` and has the path
//! `/`.
//!
//! A middleware inside the layer should return a response, and not an error. After an error nothing more is written,
//! and the response has no `Cache-Control`. `examples/shop.rs` has such a middleware, which lets only users pass.
//!
//! While the store fails, visitors who bring a session get the layer's 503 from every route inside the layer. So leave
//! pages that need no session outside.
//!
//! With the `CookieStore` of session-stores the server keeps nothing. So a logout or a new ID cannot end a copied cookie
//! there, and the last of two changes wins.
//!
//! The layer does not check passwords, and it does not reject requests from other sites' pages (CSRF). But a browser
//! sends no session with another site's POST, because of `SameSite=Lax`.
#![warn(clippy::missing_errors_doc)]

mod backend;
mod cookie;
mod counters;
mod error;
mod keys;
mod layer;
mod middleware;
mod session;
mod state;
mod update;

pub use counters::Counters;
pub use error::SessionError;
pub use keys::{KeyRing, ShortSecret};
pub use layer::{Options, SessionLayer};
pub use session::NoLayer;
pub use state::Session;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
