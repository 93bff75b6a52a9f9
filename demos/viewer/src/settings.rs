//! The address to listen on.

use std::net::{TcpListener, ToSocketAddrs};

use anyhow::{Context, Result, ensure};
use server::ClientSettings;

#[derive(clap::Args)]
pub(crate) struct Settings {
    /// Port to listen on; 0 = any free one
    #[arg(long, env = "APP_PORT", default_value_t = 8081)]
    port: u16,

    /// Address to listen on
    #[arg(long, env = "APP_HOST", default_value = "127.0.0.1")]
    host: String,

    #[command(flatten)]
    pub(crate) clients: ClientSettings,
}

impl Settings {
    /// Listens on the address. Returns an error if other machines can reach it and `--behind-proxy` is not set.
    pub(crate) fn listen(&self) -> Result<TcpListener> {
        let (host, port) = (self.host.as_str(), self.port);
        let addresses: Vec<_> = (host, port)
            .to_socket_addrs()
            .with_context(|| format!("--host {host:?} has no address"))?
            .collect();
        ensure!(
            self.clients.behind_proxy || addresses.iter().all(|address| address.ip().is_loopback()),
            "other machines can reach {host}, and the viewer has no login: anyone who reaches it can read and end every \
             session; if only a proxy on this machine can connect, as in Compose, add --behind-proxy or BEHIND_PROXY=true"
        );
        TcpListener::bind(&addresses[..]).with_context(|| {
            format!("cannot listen on {host}:{port}; choose another port with --port or APP_PORT")
        })
    }
}
