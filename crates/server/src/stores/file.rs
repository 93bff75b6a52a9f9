//! The command line of [`FileStore`].

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use session_stores::FileStore;

use crate::timeouts::TimeoutFlags;

/// The store's name in pages and logs.
pub const NAME: &str = "file";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in files: a restart keeps them, a second server doesn't see them";

/// The options of a [`FileStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Folder of the session files [default: one for each port, in your cache folder]
    #[arg(long, env = "SESSION_DIR", value_name = "DIR")]
    session_dir: Option<PathBuf>,

    #[command(flatten)]
    timeouts: TimeoutFlags,
}

impl Options {
    /// Opens the store of the server at `port`. By default each port has a directory of its own, which the server finds
    /// again after a restart.
    pub async fn open(self, port: u16) -> anyhow::Result<FileStore> {
        let default = || Some(dirs::cache_dir()?.join(format!("session-workshop/file-{port}")));
        let dir = self.session_dir.or_else(default).context(
            "there is no cache folder for the session files (is HOME set?); name a folder with --session-dir or SESSION_DIR",
        )?;
        let store = FileStore::open(dir, self.timeouts.into()).await;
        let store = store
            .map_err(|error| anyhow!("{error}; name another with --session-dir or SESSION_DIR"))?;
        log::info!("sessions in {}", store.dir().display());
        Ok(store)
    }
}
