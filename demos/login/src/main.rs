//! A sign-in, with all that it needs from its session. Who you are it takes on trust: **there is no password**. The
//! place where one belongs is marked in `sign::sign_in`.
//!
//! - `application`: which URL is served by what
//! - `sign`: signing in and out; `dashboard`, `counter`: what there is to see; `mine`: my sessions; `lab`: for experiments
//! - `messages`: what everybody signed in may say and hear, with `chat.js` for its page
//! - `visit`: what a session holds, behind a type; `user`: who somebody may be
//! - `body`: what a request brings; `fault`: what a client is told when that is wrong; `pages`: the pages

mod application;
mod body;
mod counter;
mod dashboard;
mod fault;
mod lab;
mod messages;
mod mine;
mod pages;
mod sign;
mod user;
mod visit;

use session_stores::redis as store;

use application::{Login, Rules};
use clap::{Parser, builder::BoolishValueParser};
use server::{Server, Settings};
use session_pubsub::Hub;
use session_stores::Timeout;

/// A sign-in with its session in Redis: renewed, limited in time, listed, ended on every server at once
#[derive(Parser)]
#[command(version)]
#[command(mut_arg("absolute", |arg| arg.default_value("12h")))]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,

    /// The session gets a new id when its id is this old; 0 = never
    #[arg(long, env = "ROTATE_AFTER", value_name = "TIME", default_value = "15m")]
    rotate_after: Timeout,

    /// Serve POST /slow as well, for experiments with requests in flight
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
            // A world of its own, as the sessions of another prefix are.
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
