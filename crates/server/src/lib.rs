//! The parts that every server of the suite shares. Each demo's `main` adds an application and a session store.
//!
//! - `args`: reads flags and environment variables; `settings`: those of every server; `stores`, `timeouts`: those of
//!   the session stores; `secret`: the key that signs cookies
//! - `server`: binds the port and serves an application; `run`: the log and the workers; `shutdown`: stops them;
//!   `log_filter`: checks `RUST_LOG`; `open_files`: raises the limit of connections
//! - `application`: the application that a server serves; `sessions`: actix-session's cookie and middleware;
//!   `cookie_protection`: whether the cookie is encrypted
//! - [`actix_session_store`]: the stores of `session_stores` under actix-session
//! - `store`: the session store, with its errors logged
//! - `clients`: settings that concern clients; `client_address`: which client has sent a request; `request_body`: how
//!   long a body may take; `rate_limit`: how often something may happen
//! - `access_log`: one log line for each request, and `X-Served-By`
//! - `request_context`: what the calls of one request share, and the session ID in log lines
//! - `csrf`: rejects requests from other sites' pages; `health`: answers the load balancer's checks
//! - `instance`: the server's description of itself, for handlers; `instance_name`: its name, which the proxy may
//!   choose
//! - `negotiate`: text, JSON or a page; `layout`: the layout of every page; `navigation`: the links between
//!   the demos; `palette`: the colours of instances
//! - `error_text`: the text of an error; `error_pages`: shows errors to browsers; `error_page`: the page of an error;
//!   `haproxy_pages`, `statistics_page`: the pages that HAProxy serves by itself

mod access_log;
pub mod actix_session_store;
mod application;
mod args;
mod client_address;
mod clients;
mod cookie_protection;
mod csrf;
mod error_page;
mod error_pages;
mod error_text;
#[cfg(test)]
mod haproxy_pages;
mod health;
mod instance;
mod instance_name;
mod layout;
mod log_filter;
mod navigation;
mod negotiate;
mod open_files;
mod palette;
mod rate_limit;
mod request_body;
mod request_context;
mod run;
mod secret;
mod server;
mod sessions;
mod settings;
mod shutdown;
#[cfg(test)]
mod statistics_page;
mod store;
pub mod stores;
mod timeouts;

pub use actix_session_store::{ActixStore, State};
pub use application::{Application, get_or_head, plain_text};
pub use args::parse_args;
pub use client_address::client_address;
pub use clients::ClientSettings;
pub use cookie_protection::CookieProtection;
pub use csrf::reject_cross_origin;
pub use error_text::{blame_store, set_error_text};
pub use health::{health_checks, health_checks_with_store};
pub use instance::InstanceInfo;
pub use instance_name::{InstanceName, is_instance_name};
pub use layout::{BASE_STYLE, Scripts, page, page_colour, page_response};
pub use navigation::{demo_url, navigation};
pub use negotiate::Format;
pub use palette::{Colour, PALETTE, colour_index};
pub use rate_limit::RateLimit;
pub use request_context::{request_scope, session_for_log, short_id};
pub use run::{run_to_end, serve_without_sessions};
pub use secret::derive_key;
pub use server::Server;
pub use session_stores::ShortId;
pub use sessions::{CookieSettings, Sessions};
pub use settings::Settings;
pub use timeouts::Timeout;
