//! A page that shows the sessions in Redis live, like Redis Commander, and can end them.
//!
//! - `settings`: the address to listen on
//! - `state`: what all handlers share
//! - `redis`: reads keys; `entry`: one key and its session
//! - `list`: the viewer's own list of all sessions; `listed`: a session in it; `walk`: walks through Redis to keep it;
//!   `place`: a place in it; `search`: the search in it; `moment`: points in time
//! - `view`: the part of the list that a visitor looks at; `shown`: its sessions, read from Redis
//! - `routes`: what each URL does; `host_check`: rejects foreign host names; `token`: encrypts session IDs for the page
//! - `page`: the page, with `viewer.css` and `viewer.js`; `table`: the part that changes
//! - `summary`: the sentences above the table; `row`: a row; `time_left`: a timeout; `text`: makes text from Redis safe
//!   to show

mod entry;
mod host_check;
mod list;
mod listed;
mod moment;
mod page;
mod place;
mod redis;
mod routes;
mod row;
mod search;
mod settings;
mod shown;
mod state;
mod summary;
mod table;
mod text;
mod time_left;
mod token;
mod view;
mod walk;

use actix_web::{rt, web};
use clap::Parser;
use server::stores;

use state::Viewer;
use token::TokenKey;

/// Shows the sessions in Redis on a live page, where each can be ended with a button
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    settings: settings::Settings,
    #[command(flatten)]
    store: stores::redis::Options,
}

#[actix_web::main]
async fn main() {
    let args: Args = server::parse_args();
    server::run_to_end(async {
        let listener = args.settings.listen()?;
        let options = session_stores::redis::Options::from(args.store);
        let viewer = web::Data::new(Viewer {
            walker: walk::Walker::new(),
            // The store deletes a session as a logout does.
            store: stores::redis::connect(&options).await?,
            redis: redis::Redis::new(&options)?,
            timeouts: options.timeouts,
            token_key: TokenKey::generate(),
        });
        let walking = viewer.clone();
        rt::spawn(async move { walking.walker.run(&walking.redis).await });
        let routes = move |config: &mut web::ServiceConfig| routes::routes(config, &viewer);
        let clients = args.settings.clients;
        let serving =
            server::serve_without_sessions("viewer", listener, clients, routes::POLLED, routes);
        Ok(serving.await?)
    })
    .await;
}
