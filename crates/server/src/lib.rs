//! What every demo's server is made of, and the one web application that all of the workshop's demos serve: their
//! `main` adds nothing but the store. Another [`Application`] is served in the same way.
//!
//! - `settings`: flags and environment; `secret`: the key that signs cookies
//! - `server`: binding, workers, the end; `drain`: how it ends; `application`: what is served, and sessions around it
//! - `observe`: around every request: the log line, `X-Served-By`; `current`: the id that a log line shows
//! - `store`: around the store: failures are logged with their cause and answered with 503
//! - `cross_site`: requests that other sites' pages make; `health`: what balancers ask; `site`: what handlers may know
//! - `accept`: text, JSON or page; `frame`: the frame of every page
//!
//! The workshop's application:
//!
//! - `routes`: what each URL does; `visit`: what a session holds; `value`: what a visitor may put in it
//! - `view`: one answer as text, JSON or page; `page`: the page

mod accept;
mod application;
mod cross_site;
mod current;
mod drain;
mod frame;
mod health;
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

pub use accept::Format;
pub use application::{Application, Sessions};
pub use cross_site::is_foreign;
pub use current::session_in_log;
pub use frame::{Scripts, page, page_response};
pub use health::read;
pub use secret::SecretError;
pub use server::{Server, StartError};
pub use settings::Settings;
pub use site::Site;
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
