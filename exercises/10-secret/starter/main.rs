//! Exercise 10: two instances share one Redis, but sessions are lost.

use clap::Parser;
use counter::Counter;
use server::{ActixStore, Server, Settings, stores::redis as store};

/// Returns the secret that signs the cookies. The server rejects a cookie that was signed with
/// another secret.
fn secret() -> anyhow::Result<String> {
    // --- YOUR TURN
    // TODO: it is long enough, and nobody can guess it. What is wrong with it?
    Ok(format!("{}{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4()))
    // --- UNTIL HERE
}

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,
}

#[actix_web::main]
async fn main() {
    let mut args: Args = server::parse_args();
    server::run_to_end(async {
        args.server.session_key = Some(secret()?);
        let server = Server::bind(args.server)?;
        let store = ActixStore::new(args.store.open(server.port()).await?);
        Ok(server.serve(store::NAME, store, Counter).await?)
    })
    .await;
}
