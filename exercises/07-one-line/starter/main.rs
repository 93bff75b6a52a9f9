//! Exercise 7: the complete code of demo-file. One line decides where its sessions live.

// --- YOUR TURN
// TODO: choose another store.
use server::stores::file as store;
// --- UNTIL HERE

use clap::Parser;
use counter::Counter;
use server::{ActixStore, Server, Settings};

#[derive(Parser)]
#[command(version, about = store::ABOUT)]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,
}

#[actix_web::main]
async fn main() {
    let args: Args = server::parse_args();
    server::run_to_end(async {
        let server = Server::bind(args.server)?;
        let store = ActixStore::new(args.store.open(server.port()).await?);
        Ok(server.serve(store::NAME, store, Counter).await?)
    })
    .await;
}
