//! Where to listen, and who may get there.

use std::net::{TcpListener, ToSocketAddrs};

use anyhow::{Context, Result, ensure};

#[derive(clap::Args)]
pub(crate) struct Settings {
    /// Port to listen on; 0 = any free one
    #[arg(long, env = "APP_PORT", default_value_t = 8081)]
    port: u16,

    /// Address to listen on
    #[arg(long, env = "APP_HOST", default_value = "127.0.0.1")]
    host: String,

    /// Listen where others could connect: only if nobody gets there but a proxy that this machine alone can reach
    // The name says why: there is no login, and who reaches the viewer reads and ends every session.
    #[arg(long, env = "BEHIND_PROXY", value_parser = clap::builder::BoolishValueParser::new())]
    behind_proxy: bool,
}

impl Settings {
    /// Takes the port, if the address is for this machine only.
    pub(crate) fn listen(&self) -> Result<TcpListener> {
        let Self {
            port,
            host,
            behind_proxy,
        } = self;
        let addresses: Vec<_> = (host.as_str(), *port)
            .to_socket_addrs()
            .with_context(|| format!("--host {host:?} has no address"))?
            .collect();
        ensure!(
            *behind_proxy || addresses.iter().all(|address| address.ip().is_loopback()),
            "others can reach {host}, and the viewer has no login: who reaches it reads and ends every session; \
             where nobody can but a proxy of this machine, as in Compose, say so with --behind-proxy or BEHIND_PROXY=true"
        );
        TcpListener::bind(&addresses[..]).with_context(|| {
            format!("cannot listen on {host}:{port}; choose another port with --port or APP_PORT")
        })
    }
}
