//! Messages between servers: each message that one instance publishes reaches the subscribers of all instances.
//!
//! ```text
//! POST /message ─> Hub::publish ─> Redis PUBLISH ─┬─> the hub of instance 1 ─┬─> GET /messages (server-sent events)
//!                                                 │                          └─> GET /messages
//!                                                 └─> the hub of instance 2 ───> GET /messages
//! ```
//!
//! - `hub`: the interface to an application; `options`, `error`: its settings and errors
//! - `connection`: the connection of this process to Redis
//! - `streams`: the open streams of this instance, their limits and ends; `stream`: one of them
//! - `message`: a message on the channel and as an event
//!
//! # Guarantees
//! - **One order.** All subscribers see all messages in the order in which Redis received them. If a sender waits for
//!   each [`Hub::publish`], this is the order in which it sent them.
//! - **At most once.** Redis keeps no messages. A subscriber misses what is published while it is not connected. It
//!   cannot resume, and so events have no `id`. A message whose publication timed out may arrive late.
//! - **No hidden gap.** A stream ends when it has missed a message, or may have. One reason is a subscriber that is too
//!   slow. The other is a moment without Redis. When this process loses Redis, each stream gets the event `unavailable`
//!   and stays open. It ends when Redis is back. A browser reconnects by itself after the time in `retry:`, which is 1
//!   to 2 seconds.
//! - **No stream outlives its session.** [`Hub::end`] ends the streams of a session on every instance. An instance
//!   without Redis does not receive this, but it receives no messages either. When it reconnects, it ends all its
//!   streams before it receives the next message. Their browsers reconnect, and the application checks their sessions.
//!   Nothing is published when a session expires, so the application passes each stream the time that its session has
//!   left. Nothing is published either when a session is deleted in the store itself. [`Hub::sessions`] lists the
//!   sessions with open streams, so that the application can look for them in the store now and then.
//! - **Bounded memory.** All streams share one buffer of unread messages, which never exceeds [`Options::backlog`]. A
//!   client that does not read keeps only its connection and its slot, until the load balancer's `timeout client` ends
//!   it.
//! - **Bounded waits.** Every wait for Redis ends after [`Options::redis_timeout`]. A PING detects a connection that is
//!   broken but not closed.
//!
//! The crate has no Sentinel, Cluster, history or rooms.
//!
//! # In an actix-web application
//! `main` opens one hub on the main runtime, and the workers share it. If the factory of `HttpServer` opened it, each
//! worker would have its own. Add the cross-site check before `POST /message`. A browser reconnects an `EventSource`
//! after the stream ends, but never after a response other than 200. So refuse only clients that should stay away, or
//! let the page's script ask for the status and try again later.
//!
//! ```
//! use std::time::Duration;
//!
//! use actix_web::{
//!     HttpResponse,
//!     http::header::{CACHE_CONTROL, RETRY_AFTER},
//! };
//! use session_pubsub::{ConnectionInfo, Hub, Options, PublishError, TooManyStreams};
//!
//! /// `session_stores::redis::Options::connection_info` turns a URL into what this takes.
//! fn open(redis: ConnectionInfo) -> Hub {
//!     Hub::open(&Options { redis, ..Options::default() })
//! }
//!
//! async fn post_message(hub: &Hub, user: &str, text: &str) -> HttpResponse {
//!     match hub.publish(user, text).await {
//!         Ok(_) => HttpResponse::Accepted().finish(),
//!         Err(PublishError::TooLong { .. }) => HttpResponse::PayloadTooLarge().finish(),
//!         Err(PublishError::Hub(error)) => {
//!             log::error!("message not published: {error}");
//!             HttpResponse::ServiceUnavailable().finish()
//!         }
//!     }
//! }
//!
//! /// The handle names the session in logs. It is not the session ID.
//! async fn get_messages(hub: &Hub, user: &str, handle: &str, time_left: Duration) -> HttpResponse {
//!     match hub.subscribe(user, handle, Some(time_left)) {
//!         Ok(stream) => HttpResponse::Ok()
//!             .content_type("text/event-stream")
//!             .insert_header((CACHE_CONTROL, "no-store"))
//!             .insert_header(("X-Accel-Buffering", "no"))
//!             .streaming(stream),
//!         Err(TooManyStreams::OfUser(_)) => HttpResponse::TooManyRequests()
//!             .insert_header((RETRY_AFTER, "5"))
//!             .finish(),
//!         Err(TooManyStreams::OnInstance(_)) => HttpResponse::ServiceUnavailable()
//!             .insert_header((RETRY_AFTER, "5"))
//!             .finish(),
//!     }
//! }
//! ```
//!
//! Call [`Hub::end`] after the store has deleted a session. At SIGTERM call [`Hub::close`] first. The browsers then
//! reconnect to other instances, and the server has no open response to wait for.
//!
//! The page must insert messages as text, never as markup. `chat.js` of the workshop's login does.

#![warn(clippy::missing_errors_doc, clippy::must_use_candidate)]

mod connection;
mod error;
mod hub;
mod message;
mod options;
mod stream;
mod streams;

pub use deadpool_redis::redis::ConnectionInfo;
pub use error::{HubError, PublishError, TooManyStreams};
pub use hub::Hub;
pub use message::{FROM_LIMIT, MESSAGE_LIMIT};
pub use options::Options;
