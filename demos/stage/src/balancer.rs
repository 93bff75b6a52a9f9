//! HAProxy, with the project's own configuration.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
};

use anyhow::Result;

use crate::{
    Demo, Stage,
    binaries::{root, tool},
    ports::Port,
    process::Process,
    visitor::Front,
};

/// Instances of each demo that the native configuration has room for.
const SERVERS: usize = 2;

/// A running HAProxy.
#[derive(Debug)]
pub struct Balancer {
    // Held: they end with it.
    _process: Process,
    address: SocketAddr,
    _port: Option<Port>,
}

impl Balancer {
    /// Starts one in front of `servers`; a name without a backend of its own goes to `default`. On `port`, or on a free one.
    ///
    /// # Errors
    /// haproxy is not installed, or doesn't start.
    pub async fn start(stage: &Stage, default: Demo, servers: &[(Demo, Vec<SocketAddr>)], port: Option<u16>) -> Result<Self> {
        let claimed = if port.is_some() { None } else { Some(Port::claim()?) };
        let number = port.or(claimed.as_ref().map(Port::number)).unwrap_or_default();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, number));
        let mut command = configured("native.cfg", address, default, servers)?;
        command.arg("-db");
        let mut process = Process::new(stage, &format!("haproxy-{number}"), command)?;
        process.start(async |_| tokio::net::TcpStream::connect(address).await.is_ok()).await?;
        Ok(Self { _process: process, address, _port: claimed })
    }

    /// How a visitor reaches what it serves.
    #[must_use]
    pub fn front(&self) -> Front {
        Front::new(self.address)
    }
}

/// haproxy with the project's configuration: the frontend, and the `backends` of a place.
fn configured(backends: &str, address: SocketAddr, default: Demo, servers: &[(Demo, Vec<SocketAddr>)]) -> Result<Command> {
    let mut command = Command::new(tool("haproxy")?);
    command.env("BIND", address.to_string()).env("DEMO", default.name());
    for file in ["haproxy.cfg", backends] {
        command.arg("-f").arg(root().join("haproxy").join(file));
    }
    for demo in Demo::ALL {
        let known = servers.iter().find(|(of, _)| *of == demo).map_or(&[][..], |(_, addresses)| addresses);
        for place in 0..SERVERS {
            // Port 1 serves nothing: a server that isn't there is down.
            let address = known.get(place).map_or_else(|| "127.0.0.1:1".to_owned(), ToString::to_string);
            command.env(format!("{}_{}", demo.name().to_uppercase(), place + 1), address);
        }
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn haproxy_takes_the_configuration_of_each_place_without_a_warning() {
        for backends in ["native.cfg", "compose.cfg"] {
            let mut command = configured(backends, ([127, 0, 0, 1], 5000).into(), Demo::File, &[]).unwrap();
            let output = command.args(["-c", "-dW"]).output().unwrap();
            assert!(output.status.success(), "{backends}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
