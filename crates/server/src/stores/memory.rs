//! The command line of [`MemoryStore`].

use session_stores::MemoryStore;

use crate::timeouts::TimeoutFlags;

/// The store's name in pages and logs.
pub const NAME: &str = "memory";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in the server's own memory: a restart loses them";

/// The options of a [`MemoryStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[command(flatten)]
    timeouts: TimeoutFlags,
}

impl Options {
    /// Creates the store. Only the file store uses the server's port.
    #[expect(clippy::unused_async, reason = "other stores wait here")]
    pub async fn open(self, _port: u16) -> anyhow::Result<MemoryStore> {
        Ok(MemoryStore::new(self.timeouts.into()))
    }
}
