//! A login with its sessions in Redis. **There is no password**: the server believes every user ID.
//! `HERE` in `auth::log_in` marks where the check belongs.
//!
//! - `application`: the routes
//! - `auth`: login and logout; `dashboard`, `counter`: what a visitor sees; `debug`: experiments
//! - `sessions`: the list of a user's own sessions
//! - `messages`: messages between users, with `chat.js` for their page
//! - `session`: the data of a session, behind a type; `user`: the user ID
//! - `limits`: how much of the instance one client can use; `liveness`: ends streams whose session was deleted
//! - `body`: reads requests; `response`, `error`: responses; `pages`: the pages

mod application;
mod auth;
mod body;
mod browser;
mod counter;
mod dashboard;
mod debug;
mod error;
mod limits;
mod liveness;
mod messages;
mod pages;
mod response;
mod session;
mod sessions;
mod user;

use actix_web::{rt, web::ServiceConfig};
use clap::{Parser, builder::BoolishValueParser, value_parser};
use server::{CookieProtection, Server, Settings, Timeout, derive_key, stores::redis as store};
use session_layer::KeyRing;
use session_pubsub::Hub;
use session_stores::redis;

use application::Login;
use limits::Limits;

/// A login with its sessions in Redis: rotated, limited in time, listed, revoked on all servers
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,

    /// Older secrets, separated by commas, whose cookies are accepted and signed again
    // Checked later, because clap's error message would print the value.
    #[arg(
        long,
        env = "ACCEPTED_SESSION_KEYS",
        value_name = "SECRETS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    accepted_session_keys: Vec<String>,

    /// Rotate the session ID when it is this old; 0 = never
    #[arg(long, env = "ROTATE_AFTER", value_name = "TIME", default_value = "15m")]
    rotate_after: Timeout,

    /// How many sessions a user may have; the next login ends the oldest
    #[arg(
        long,
        env = "SESSIONS_PER_USER",
        value_name = "N",
        default_value_t = 100,
        value_parser = value_parser!(u16).range(1..)
    )]
    sessions_per_user: u16,

    #[command(flatten)]
    limits: Limits,

    /// Also serve POST /slow, for experiments with requests in flight
    #[arg(long, env = "LAB", value_parser = BoolishValueParser::new())]
    lab: bool,
}

#[actix_web::main]
async fn main() {
    let args: Args = server::parse_args();
    server::run_to_end(async {
        let server = Server::bind(args.server)?;
        let cookie = server.cookie();
        anyhow::ensure!(
            cookie.protection == CookieProtection::Signed,
            "--cookie private is for the counter demos: demo-login signs its cookie, which holds nothing but a session ID"
        );
        let mut keys = KeyRing::new(cookie.key.clone());
        for secret in args.accepted_session_keys {
            let key = derive_key("a secret in ACCEPTED_SESSION_KEYS", &secret)?;
            keys.accepted.push(key);
        }
        let mut options = redis::Options::from(args.store);
        options.sessions_per_user = args.sessions_per_user.into();
        let store = store::connect(&options).await?;
        let hub = Hub::open(&session_pubsub::Options {
            redis: options.connection_info()?,
            redis_timeout: options.timeout,
            // Applications with different prefixes share neither sessions nor messages.
            channel: format!("{}messages", options.prefix),
            streams_per_user: args.limits.streams_per_user.into(),
            streams_per_instance: args.limits.streams_per_instance.into(),
            ..Default::default()
        });
        // It runs beside the workers, with a connection of its own, until the server has ended.
        rt::spawn(liveness::end_streams_of_deleted_sessions(
            hub.clone(),
            store.clone(),
        ));
        let login = Login {
            store,
            cookie,
            keys,
            rotate_after: args.rotate_after.0,
            lab: args.lab,
            hub: hub.clone(),
            rates: args.limits.rates(),
        };
        let routes = move |config: &mut ServiceConfig| login.register(config);
        // The browsers reconnect to other instances, and no open stream delays the shutdown.
        let on_shutdown = move || hub.close();
        let serving = server.serve_routes(store::NAME, routes, Login::error_response, on_shutdown);
        Ok(serving.await?)
    })
    .await;
}
