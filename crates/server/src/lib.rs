//! What every server of the suite shares: each demo's `main` adds an application and a session store.
//!
//! - `settings`: flags and environment variables; `secret`: the key that signs cookies
//! - `server`: binds the port and starts the workers; `shutdown`: stops them
//! - `application`: what a server serves, and sessions around its routes; `store`: failures of the session store
//! - `access_log`: one log line for each request, and `X-Served-By`; `log_context`: the session ID in log lines
//! - `csrf`: rejects requests from other sites' pages; `health`: answers the load balancer's checks
//! - `instance`: what handlers know about their server
//! - `negotiate`: text, JSON or a page; `layout`: the layout of every page

mod access_log;
mod application;
mod csrf;
mod health;
mod instance;
mod layout;
mod log_context;
mod negotiate;
mod secret;
mod server;
mod settings;
mod shutdown;
mod store;

pub use application::{Application, Sessions, plain_text};
pub use csrf::refuse_foreign;
pub use health::{get_or_head, health_checks};
pub use instance::InstanceInfo;
pub use layout::{Scripts, page, page_response};
pub use log_context::{ShortId, session_for_log, short_id};
pub use negotiate::Format;
pub use secret::SecretError;
pub use server::{Server, StartError, serve_without_sessions};
pub use settings::Settings;
pub use store::{Shared, afterwards, store_failed};

/// Runs a server to its end: prints the error that it fails with, and ends the process with status 1.
///
/// At once: leaving `main` would wait for every blocking call, and a name server that never answers is one.
pub async fn run_to_end(serving: impl Future<Output = anyhow::Result<()>>) {
    start_logging();
    if let Err(error) = serving.await {
        eprintln!("Error: {error:?}");
        std::process::exit(1);
    }
}

/// Logs to standard error, from `info` on unless `RUST_LOG` says otherwise.
fn start_logging() {
    env_logger::init_from_env(
        env_logger::Env::default().default_filter_or("info,actix_server=warn"),
    );
}
