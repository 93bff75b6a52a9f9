//! The one web application that every demo serves. A demo's `main` adds nothing but the store.
//!
//! - `settings`: flags and environment; `secret`: the key that signs cookies
//! - `server`: binding, workers, sessions around the routes
//! - `routes`: what each URL does; `visit`: what a session holds; `value`: what a visitor may put in it
//! - `view`: one answer as text, JSON or page; `page`: the page
//! - `observe`: around every request: the log line, `X-Served-By`; `current`: the id that a log line shows
//! - `store`: around the store: failures are logged with their cause and answered with 503
//! - `cross_site`: requests that other sites' pages make; `drain`: the end

mod cross_site;
mod current;
mod drain;
mod observe;
mod page;
mod routes;
mod secret;
mod server;
mod settings;
mod site;
mod store;
mod value;
mod view;
mod visit;

pub use secret::SecretError;
pub use server::{Server, StartError};
pub use settings::Settings;

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
    env_logger::init_from_env(env_logger::Env::default().default_filter_or("info,actix_server=warn"));
}
