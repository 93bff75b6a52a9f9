//! HAProxy, with the project's configuration or with an attendee's.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    Demo, Endpoint, HaproxyState, TestEnv, Visitor,
    binaries::{root, tool},
    ports::Port,
    process::Process,
};

/// Instances of each demo that the native configuration has room for.
const SERVERS: usize = 2;

#[derive(Debug)]
pub struct Balancer {
    // Held so that process and claims end with the balancer.
    _process: Process,
    statistics: Endpoint,
    /// Where it listens; the first one is for visitors.
    ports: Vec<Port>,
}

impl Balancer {
    /// Starts HAProxy in front of `servers`, on a free port. A host name without a backend of its own gets demo-file.
    /// `settings` are environment variables, such as `MAX_STREAMS`.
    pub async fn start(
        env: &TestEnv,
        servers: &[(Demo, Vec<SocketAddr>)],
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let port = Port::claim()?;
        let mut command = configured("native.cfg", port.address(), Demo::File, servers, None)?;
        command.envs(settings.iter().copied());
        Self::with_statistics(env, command, port).await
    }

    /// Starts HAProxy in front of `servers` and a `viewer`, on `port` or on a free one. A host name without a backend
    /// of its own gets `default`, which can be any demo but the login. `settings` are environment variables.
    pub async fn with_viewer(
        env: &TestEnv,
        default: Demo,
        servers: &[(Demo, Vec<SocketAddr>)],
        viewer: Option<SocketAddr>,
        port: Option<u16>,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let port = Port::or_claim(port)?;
        let mut command = configured("native.cfg", port.address(), default, servers, viewer)?;
        command.envs(settings.iter().copied());
        Self::with_statistics(env, command, port).await
    }

    async fn with_statistics(env: &TestEnv, command: Command, port: Port) -> Result<Self> {
        let statistics = Endpoint::new(port.address()).named("stats.localhost");
        Self::run(env, command, statistics, vec![port]).await
    }

    /// Starts HAProxy with the configuration in `file`, which reads addresses from environment variables: `BIND` is
    /// where to listen, `APP_1` and so on are the `servers`. `settings` are others. Check an attendee's file with
    /// [`config_error`](Self::config_error) first.
    pub async fn with_config(
        env: &TestEnv,
        file: &Path,
        servers: &[SocketAddr],
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let ports = vec![Port::claim()?, Port::claim()?];
        let statistics = ports[1].address();
        let mut command = with_file(file, ports[0].address(), servers)?;
        command
            .env("STATISTICS", statistics.to_string())
            .envs(settings.iter().copied())
            .arg("-f")
            .arg(root().join("crates/testkit/src/statistics.cfg"));
        Self::run(env, command, Endpoint::new(statistics), ports).await
    }

    async fn run(
        env: &TestEnv,
        mut command: Command,
        statistics: Endpoint,
        ports: Vec<Port>,
    ) -> Result<Self> {
        let address = ports[0].address();
        command.arg("-db");
        let mut process = Process::new(env, &format!("haproxy-{}", address.port()), command)?;
        process
            .start(async |_| tokio::net::TcpStream::connect(address).await.is_ok())
            .await?;
        Ok(Self {
            _process: process,
            statistics,
            ports,
        })
    }

    /// Checks the configuration in `file`, which expects that many `servers`. Returns the line number and the message
    /// of HAProxy's first error.
    pub fn config_error(file: &Path, servers: usize) -> Result<Option<String>> {
        let unused = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let output = with_file(file, unused, &vec![unused; servers])?
            .arg("-c")
            .output()
            .context("cannot start haproxy")?;
        Ok((!output.status.success())
            .then(|| first_alert(&String::from_utf8_lossy(&output.stderr), file)))
    }

    /// Returns how HAProxy understands a configuration that was started [`with_config`](Self::with_config).
    pub async fn inspect(&self) -> Result<HaproxyState> {
        let response = Visitor::new().get(&self.statistics, "/;json").await?;
        HaproxyState::parse(&response.body)
            .context("HAProxy reports its state in an unknown format")
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.ports[0].address())
    }
}

/// Returns the command that runs HAProxy with the project's configuration: the frontend, and the `backends` of a place.
fn configured(
    backends: &str,
    address: SocketAddr,
    default: Demo,
    servers: &[(Demo, Vec<SocketAddr>)],
    viewer: Option<SocketAddr>,
) -> Result<Command> {
    // Ports 1 and 2 serve nothing: a server that isn't there is down. Sticky sessions need different addresses.
    let there = |address: Option<&SocketAddr>, place: usize| {
        address.map_or_else(|| format!("127.0.0.1:{}", place + 1), ToString::to_string)
    };
    let mut command = Command::new(tool("haproxy")?);
    command
        .env("BIND", address.to_string())
        .env("DEMO", default.name())
        .env("VIEWER", there(viewer.as_ref(), 0));
    for file in ["haproxy.cfg", backends] {
        command.arg("-f").arg(root().join("haproxy").join(file));
    }
    for demo in Demo::ALL {
        let known = servers
            .iter()
            .find(|(of, _)| *of == demo)
            .map_or(&[][..], |(_, addresses)| addresses);
        for place in 0..SERVERS {
            let service = demo.service().to_uppercase().replace('-', "_");
            let variable = format!("{service}_{}", place + 1);
            command.env(variable, there(known.get(place), place));
        }
    }
    Ok(command)
}

/// Returns the command that runs HAProxy with the configuration in `file`.
fn with_file(file: &Path, address: SocketAddr, servers: &[SocketAddr]) -> Result<Command> {
    let mut command = Command::new(tool("haproxy")?);
    command.env("BIND", address.to_string()).arg("-f").arg(file);
    for (number, server) in (1..).zip(servers) {
        command.env(format!("APP_{number}"), server.to_string());
    }
    Ok(command)
}

/// Returns `line 20: unknown keyword ...` for `[ALERT] (7) : config : parsing [/folder/haproxy.cfg:20] : unknown
/// keyword ...`.
fn first_alert(log: &str, file: &Path) -> String {
    let alert = log
        .lines()
        .find(|line| line.starts_with("[ALERT]"))
        .unwrap_or(log.trim());
    let position = alert
        .rsplit_once(&format!("[{}:", file.display()))
        .and_then(|(_, rest)| rest.split_once(']'));
    match position {
        Some((line, message)) => {
            format!("line {line}: {}", message.trim_matches([' ', ':']))
        }
        None => alert.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend web
    bind \"${BIND}\"
    default_backend apps
backend apps
    server a \"${APP_1}\"
    server b \"${APP_2}\" backup
";

    #[test]
    fn config_errors_have_a_line_number_and_a_message() {
        let env = TestEnv::new().unwrap();
        let file = env.path().join("haproxy.cfg");
        std::fs::write(&file, CONFIG).unwrap();
        assert_eq!(Balancer::config_error(&file, 2).unwrap(), None);
        // HAProxy's message for the second one has the line twice.
        for (mistake, message) in [
            ("sever b", "line 12: unknown keyword 'sever'"),
            ("frontend c\nserver b", "line 13: 'server' not allowed"),
        ] {
            std::fs::write(&file, CONFIG.replace("server b", mistake)).unwrap();
            let error = Balancer::config_error(&file, 2).unwrap().unwrap();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn haproxy_accepts_our_configurations_without_warning() {
        let sticky = [("STICKY", "true")];
        let public = [("PUBLIC", "true")];
        for (backends, settings) in [
            ("native.cfg", &[][..]),
            ("native.cfg", &sticky),
            ("compose.cfg", &[]),
            ("compose.cfg", &public),
        ] {
            let address = ([127, 0, 0, 1], 5000).into();
            let mut command = configured(backends, address, Demo::File, &[], None).unwrap();
            command.envs(settings.iter().copied());
            let output = command.args(["-c", "-dW"]).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{backends} {settings:?}: {stderr}");
        }
    }
}
