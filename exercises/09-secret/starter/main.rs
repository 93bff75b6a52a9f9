//! Exercise 9. Redis is shared, and sessions are lost all the same.

use clap::Parser;
use counter::Counter;
use server::{Server, Settings};
use session_stores::redis as store;

/// The secret that signs the cookies: a cookie that was signed with another one is refused.
fn secret() -> anyhow::Result<String> {
    // --- YOUR TURN
    // Long enough, and nobody can guess it: what is wrong with it?
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
    let mut args = Args::parse();
    server::run_to_end(async {
        args.server.session_key = Some(secret()?);
        let server = Server::bind(args.server)?;
        let store = args.store.open(server.port()).await?;
        Ok(server.serve(store::NAME, store, Counter).await?)
    })
    .await;
}
