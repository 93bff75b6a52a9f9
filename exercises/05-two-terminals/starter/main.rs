//! Exercise 5: an instance in each of two terminals. In one of them run
//! `APP_PORT=5001 cargo run --bin two-terminals`, and in the other the same with 5002.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context;
use counter::Counter;
use server::{ActixStore, Server, Settings};
use session_stores::{FileStore, Timeouts};

/// Returns the port to listen on and the folder for the session files of the instance at that port.
///
/// `APP_PORT` sets the port. Without it the port is 0, which means any free one. The folder is
/// inside `sessions`, which contains the folders of all instances.
fn port_and_folder(sessions: &Path) -> anyhow::Result<(u16, PathBuf)> {
    // --- YOUR TURN
    // TODO: take the port from APP_PORT, and give each port a folder of its own.
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
        let (port, folder) = port_and_folder(&sessions)?;
        let server = Server::bind(Settings::on_port(port))?;
        let store = FileStore::open(folder, Timeouts::default())
            .await
            .context("cannot open the session folder")?;
        let store = ActixStore::new(store);
        Ok(server.serve("file", store, Counter).await?)
    })
    .await;
}
