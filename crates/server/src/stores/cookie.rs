//! The command line of [`CookieStore`].

use session_stores::CookieStore;

use crate::timeouts::TimeoutFlags;

/// The store's name in pages and logs.
pub const NAME: &str = "cookie";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in the visitors' cookies: nothing to share, and nothing to end";

/// The options of a [`CookieStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    #[command(flatten)]
    timeouts: TimeoutFlags,
}

impl Options {
    /// Creates the store. Only the file store uses the server's port.
    #[expect(clippy::unused_async, reason = "other stores wait here")]
    pub async fn open(self, _port: u16) -> anyhow::Result<CookieStore> {
        Ok(CookieStore::new(self.timeouts.into()))
    }
}
