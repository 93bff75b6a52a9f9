//! Messages between servers: what is published on one instance reaches the readers of every instance.
//!
//! ```text
//! POST /message ─> Hub::publish ─> Redis PUBLISH ─┬─> the hub of instance 1 ─┬─> GET /messages (server-sent events)
//!                                                 │                          └─> GET /messages
//!                                                 └─> the hub of instance 2 ───> GET /messages
//! ```
//!
//! - `hub`: what an application does; `options`, `error`: what may be set, what may go wrong
//! - `line`: the one connection of this process to Redis, opened anew when it breaks
//! - `streams`: the streams that are open here, their limits and ends; `subscription`: one of them
//! - `frame`: a message on the channel and as an event
//!
//! # What is promised
//! - **One order.** All readers see all messages in the order in which Redis took them; those of one sender, who waits for
//!   each [`Hub::publish`], in the order in which they were sent.
//! - **At most once.** Redis keeps no messages: who isn't connected misses them, there is nothing to resume from, and so
//!   events have no `id`. What timed out may arrive late.
//! - **No hole unseen.** A stream that has missed something, or may have, ends: of a reader who was too slow, and of all
//!   readers when this process was without Redis for a moment. A browser opens it anew by itself, after the time in
//!   `retry:`, 1 to 2 seconds.
//! - **No session outlived.** [`Hub::end`] ends a session's streams on every instance. An instance that can't hear of it,
//!   being without Redis, hears no messages either, and before it hears the next it ends all its streams: their readers
//!   come back and are asked who they are. Nothing is published when a session times out, so a stream is given the
//!   time that the session has left.
//! - **Bounded cost.** Messages that are yet to be read are kept once for all readers, and no more of them than
//!   [`Options::backlog`]. A client that doesn't read keeps its connection and its place until the balancer's `timeout
//!   client` ends it, and nothing else.
//! - **Bounded waits.** Every wait for Redis ends after [`Options::redis_timeout`]. A connection that is dead without
//!   saying so is noticed by a PING.
//!
//! Does not do: TLS, Sentinel, Cluster; history; rooms.
//!
//! # In an application of actix-web
//! One hub is opened in `main`, on the main runtime, and shared by the workers. The cross-site check stands before
//! `POST /message`. To a browser, every answer but 200 to an `EventSource` is final: it comes back after an end, not after a
//! refusal. So only those are refused who should stay away.
//!
//! ```
//! use std::time::Duration;
//!
//! use actix_session::Session;
//! use actix_web::{App, HttpResponse, http::header::{CACHE_CONTROL, RETRY_AFTER}, web};
//! use session_pubsub::{Hub, PublishError, TooManyStreams};
//!
//! /// Whose session this is. The handle names the session in logs and lists, and is not its id.
//! struct SignedIn { user: String, handle: String, time_left: Option<Duration> }
//! # #[derive(serde::Deserialize)]
//! # struct NewMessage { message: String }
//! # fn signed_in(_: &Session) -> Option<SignedIn> { None }
//! # fn json_error(status: u16, _text: &str) -> HttpResponse {
//! #     HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish()
//! # }
//!
//! async fn post_message(hub: web::Data<Hub>, session: Session, body: web::Json<NewMessage>) -> HttpResponse {
//!     let Some(signed_in) = signed_in(&session) else { return json_error(403, "sign in first") };
//!     match hub.publish(&signed_in.user, &body.message).await {
//!         Ok(instances) => HttpResponse::Accepted().json(serde_json::json!({ "instances": instances })),
//!         Err(error @ PublishError::TooLong { .. }) => json_error(413, &error.to_string()),
//!         Err(PublishError::Hub(error)) => {
//!             log::error!("message not published: {error}");
//!             let mut response = json_error(503, "messages are not available; try again in a moment");
//!             response.headers_mut().insert(RETRY_AFTER, 1.into());
//!             response
//!         }
//!     }
//! }
//!
//! async fn get_messages(hub: web::Data<Hub>, session: Session) -> HttpResponse {
//!     let Some(signed_in) = signed_in(&session) else { return json_error(403, "sign in first") };
//!     match hub.subscribe(&signed_in.handle, signed_in.time_left) {
//!         Ok(stream) => HttpResponse::Ok()
//!             .content_type("text/event-stream")
//!             .insert_header((CACHE_CONTROL, "no-store"))
//!             .insert_header(("X-Accel-Buffering", "no"))
//!             .streaming(stream),
//!         Err(error @ TooManyStreams::OfThisSession(_)) => json_error(429, &error.to_string()),
//!         Err(error @ TooManyStreams::InAll(_)) => json_error(503, &error.to_string()),
//!     }
//! }
//!
//! /// At a logout, a revocation, a renewal of the id: once the store has done its part.
//! async fn after_the_end(hub: &Hub, old_handle: &str) {
//!     if let Err(error) = hub.end(old_handle).await {
//!         // Here the streams are ended all the same; elsewhere they last as long as they were given.
//!         log::error!("the end of a session was not published: {error}");
//!     }
//! }
//!
//! /// Not in the factory of `HttpServer`, which would make one for each worker.
//! fn routes(hub: Hub) -> impl FnOnce(&mut web::ServiceConfig) + Clone + Send {
//!     move |config| {
//!         config
//!             .app_data(web::Data::new(hub))
//!             .route("/message", web::post().to(post_message))
//!             .route("/messages", web::get().to(get_messages));
//!     }
//! }
//! # async fn main_(redis_url: &str) -> Result<(), session_pubsub::HubError> {
//!
//! let hub = Hub::new(redis_url, "messages")?;
//! let shared = hub.clone();
//! let app = move || App::new().configure(routes(shared.clone()));
//! # let _ = app;
//! // At SIGTERM, first of all: the readers go to other instances, and the server has no response left to wait for.
//! hub.close();
//! # Ok(())
//! # }
//! ```
//!
//! On the page, what somebody wrote is text and never markup:
//!
//! ```js
//! const stream = new EventSource("/messages");
//! stream.addEventListener("message", event => {
//!     const { from, message } = JSON.parse(event.data);
//!     const line = document.createElement("li");
//!     line.textContent = `${from}: ${message}`;
//!     list.append(line);
//! });
//! // A browser returns after an end by itself. Closed, it was refused: signed out, or nobody was there to answer.
//! stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) notice.hidden = false; });
//! ```

mod error;
mod frame;
mod hub;
mod line;
mod options;
mod streams;
mod subscription;

pub use error::{HubError, PublishError, TooManyStreams};
pub use frame::{FROM_LIMIT, MESSAGE_LIMIT};
pub use hub::Hub;
pub use options::Options;
pub use subscription::Subscription;
