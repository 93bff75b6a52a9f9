//! The sessions as they lie in Redis, live: what Redis Commander was for, and no more.
//!
//! - `settings`: where to listen, and who may get there
//! - `redis`: a page of keys and what lies under them, in two round trips; `entry`: what that is
//! - `seal`: names for sessions that are not their ids; `text`: what may be shown of a hostile text
//! - `routes`: what each URL does; `page`: the page, with `viewer.css` and `viewer.js`
//! - `guard`: around every request: its line in the log, and who may ask; `server`: all of it together

mod entry;
mod guard;
mod page;
mod redis;
mod routes;
mod seal;
mod server;
mod settings;
mod text;

use clap::Parser;
use session_stores::RedisStore;

/// Shows the sessions that lie in Redis, live, and ends one at the press of a button
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    settings: settings::Settings,
    #[command(flatten)]
    store: session_stores::redis::Options,
}

#[actix_web::main]
async fn main() {
    let args = Args::parse();
    ::server::run_to_end(async {
        let listener = args.settings.listen()?;
        let redis = redis::Redis::new(&args.store)?;
        let lifetime = args.store.timeouts.absolute.0;
        // The store itself ends a session here, so that it ends as it does at a logout.
        let store = RedisStore::connect(args.store).await?;
        server::run(listener, redis, store, lifetime).await
    })
    .await;
}
