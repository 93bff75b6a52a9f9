//! The parts that every server of the suite shares. Each demo's `main` adds an application and a session store.
//!
//! - `settings`: flags and environment variables; `secret`: the key that signs cookies
//! - `server`: binds the port and serves an application; `run`: the log and the workers; `shutdown`: stops them
//! - `application`: the application that a server serves; `sessions`: the session cookie and its middleware
//! - `store`: the session store, with its errors logged; `session_response`: responses of routes with sessions
//! - `access_log`: one log line for each request, and `X-Served-By`; `log_context`: the session ID in log lines
//! - `csrf`: rejects requests from other sites' pages; `health`: answers the load balancer's checks
//! - `instance`: the server's description of itself, for handlers
//! - `negotiate`: text, JSON or a page; `layout`: the layout of every page

mod access_log;
mod application;
mod csrf;
mod health;
mod instance;
mod layout;
mod log_context;
mod negotiate;
mod run;
mod secret;
mod server;
mod session_response;
mod sessions;
mod settings;
mod shutdown;
mod store;

pub use application::{Application, get_or_head, plain_text};
pub use csrf::reject_cross_origin;
pub use health::health_checks;
pub use instance::InstanceInfo;
pub use layout::{Scripts, page, page_response};
pub use log_context::{ShortId, session_for_log, short_id};
pub use negotiate::Format;
pub use run::{run_to_end, serve_without_sessions};
pub use secret::SecretError;
pub use server::{Server, StartError};
pub use session_response::{afterwards, store_unavailable};
pub use sessions::Sessions;
pub use settings::Settings;
pub use store::Shared;
