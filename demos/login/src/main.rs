//! A sign-in, with all that it needs from its session. Who you are it takes on trust: **there is no password**. The
//! place where one belongs is marked in `sign::sign_in`.
//!
//! - `application`: which URL is served by what
//! - `sign`: signing in and out; `dashboard`, `counter`: what there is to see; `lab`: what only a lab wants
//! - `visit`: what a session holds, behind a type; `user`: who somebody may be
//! - `body`: what a request brings; `fault`: what a client is told when that is wrong; `pages`: the pages

mod application;
mod body;
mod counter;
mod dashboard;
mod fault;
mod pages;
mod sign;
mod user;
mod visit;

use session_stores::redis as store;

use clap::Parser;
use session_server::{Server, Settings};

/// A sign-in with its session in Redis: renewed, limited in time, listed, ended on every server at once
#[derive(Parser)]
#[command(version)]
#[command(mut_arg("absolute", |arg| {
    arg.long("absolute-timeout").env("ABSOLUTE_TIMEOUT").default_value("12h")
}))]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,
}

#[actix_web::main]
async fn main() {
    let args = Args::parse();
    session_server::run_to_end(async {
        let server = Server::bind(args.server)?;
        let store = args.store.open(server.port()).await?;
        Ok(server.serve(store::NAME, store, application::Login).await?)
    })
    .await;
}
