//! Exercise 5. A server in each of two terminals: `APP_PORT=5001 cargo run --bin two-terminals`, and 5002 beside it.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context;
use counter::Counter;
use server::{Server, Settings};
use session_stores::{FileStore, Timeouts};

/// The port to listen on, which `APP_PORT` names; without it 0, which is any free one. And the folder of the session files
/// of the server at that port, which lies in `sessions`, the folder of all servers.
fn place(sessions: &Path) -> anyhow::Result<(u16, PathBuf)> {
    // --- YOUR TURN
    let port: u16 = 0;
    let folder = sessions.to_owned();
    // --- UNTIL HERE
    Ok((port, folder))
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let sessions: PathBuf = env::var_os("SESSION_DIR")
            .unwrap_or_else(|| ".workshop/two-terminals".into())
            .into();
        let (port, folder) = place(&sessions)?;
        let server = Server::bind(Settings::on_port(port))?;
        let store = FileStore::open(folder, Timeouts::default())
            .await
            .context("there is no place for sessions")?;
        Ok(server.serve("file", store, Counter).await?)
    })
    .await;
}
