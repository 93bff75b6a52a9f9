//! A login with its sessions in Redis. **There is no password**: the server believes every user ID.
//! `HERE` in `auth::log_in` marks where the check belongs.
//!
//! - `application`: the routes; `rules`: the settings that handlers use
//! - `auth`: login and logout; `dashboard`, `counter`: what a visitor sees; `debug`: experiments
//! - `sessions`, `session_entry`: the list of a user's own sessions
//! - `messages`: messages between users, with `chat.js` for their page
//! - `session`: the data of a session, behind a type; `user`: the user ID
//! - `body`: reads requests; `response`, `error`: parts of responses; `pages`: the pages

mod application;
mod auth;
mod body;
mod counter;
mod dashboard;
mod debug;
mod error;
mod messages;
mod pages;
mod response;
mod rules;
mod session;
mod session_entry;
mod sessions;
mod user;

use clap::{Parser, builder::BoolishValueParser};
use server::{Server, Settings};
use session_pubsub::Hub;
use session_stores::{Timeout, redis as store};

use application::Login;
use rules::Rules;

/// A login with its sessions in Redis: rotated, limited in time, listed, revoked on all servers
#[derive(Parser)]
#[command(version)]
#[command(mut_arg("absolute", |arg| arg.default_value("12h")))]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,

    /// Rotate the session ID when it is this old; 0 = never
    #[arg(long, env = "ROTATE_AFTER", value_name = "TIME", default_value = "15m")]
    rotate_after: Timeout,

    /// Also serve POST /slow, for experiments with requests in flight
    #[arg(long, env = "LAB", value_parser = BoolishValueParser::new())]
    lab: bool,
}

#[actix_web::main]
async fn main() {
    let args = Args::parse();
    server::run_to_end(async {
        let server = Server::bind(args.server)?;
        let rules = Rules {
            rotate_after: args.rotate_after,
            lab: args.lab,
            timeouts: args.store.timeouts,
        };
        let hub = Hub::open(&session_pubsub::Options {
            redis_url: args.store.redis_url.clone(),
            redis_timeout: args.store.redis_timeout,
            // Applications with different prefixes share neither sessions nor messages.
            channel: format!("{}messages", args.store.session_prefix),
            ..Default::default()
        })?;
        let store = args.store.open(server.port()).await?;
        Ok(server
            .serve(store::NAME, store, Login { rules, hub })
            .await?)
    })
    .await;
}
