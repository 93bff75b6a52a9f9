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

/// A running HAProxy.
#[derive(Debug)]
pub struct Balancer {
    // Held so that process and claims end with the balancer.
    _process: Process,
    address: SocketAddr,
    statistics: Endpoint,
    _ports: Vec<Port>,
}

impl Balancer {
    /// Starts HAProxy in front of `servers`, on a free port. A host name without a backend of its own gets demo-file.
    pub async fn start(env: &TestEnv, servers: &[(Demo, Vec<SocketAddr>)]) -> Result<Self> {
        Self::with_viewer(env, Demo::File, servers, None, None).await
    }

    /// Starts HAProxy in front of `servers` and a `viewer`, on `port` or on a free one. A host name without a backend of
    /// its own gets `default`, which can be any demo but the login.
    pub async fn with_viewer(
        env: &TestEnv,
        default: Demo,
        servers: &[(Demo, Vec<SocketAddr>)],
        viewer: Option<SocketAddr>,
        port: Option<u16>,
    ) -> Result<Self> {
        let (number, claim) = Port::or_claim(port)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, number));
        let command = configured("native.cfg", address, default, servers, viewer)?;
        let statistics = Endpoint::new(address).named("stats.localhost");
        Self::run(
            env,
            command,
            address,
            statistics,
            claim.into_iter().collect(),
        )
        .await
    }

    /// Starts HAProxy with the configuration in `file`, which reads addresses from environment variables: `BIND` is where
    /// to listen, `APP_1` and so on are the `servers`. Check the file with [`config_error`](Self::config_error) first.
    pub async fn with_config(env: &TestEnv, file: &Path, servers: &[SocketAddr]) -> Result<Self> {
        let ports = vec![Port::claim()?, Port::claim()?];
        let [address, statistics] = [0, 1]
            .map(|index: usize| SocketAddr::from((Ipv4Addr::LOCALHOST, ports[index].number())));
        let mut command = with_file(file, address, servers)?;
        command
            .env("STATISTICS", statistics.to_string())
            .arg("-f")
            .arg(root().join("crates/testkit/src/statistics.cfg"));
        Self::run(env, command, address, Endpoint::new(statistics), ports).await
    }

    async fn run(
        env: &TestEnv,
        mut command: Command,
        address: SocketAddr,
        statistics: Endpoint,
        ports: Vec<Port>,
    ) -> Result<Self> {
        command.arg("-db");
        let mut process = Process::new(env, &format!("haproxy-{}", address.port()), command)?;
        process
            .start(async |_| tokio::net::TcpStream::connect(address).await.is_ok())
            .await?;
        Ok(Self {
            _process: process,
            address,
            statistics,
            _ports: ports,
        })
    }

    /// Checks the configuration in `file`, which expects that many `servers`. Returns the line number and the message of
    /// HAProxy's first error.
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

    /// Returns the endpoint for visitors.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.address)
    }
}

/// haproxy with the project's configuration: the frontend, and the `backends` of a place.
fn configured(
    backends: &str,
    address: SocketAddr,
    default: Demo,
    servers: &[(Demo, Vec<SocketAddr>)],
    viewer: Option<SocketAddr>,
) -> Result<Command> {
    // Port 1 serves nothing: a server that isn't there is down.
    let there = |address: Option<&SocketAddr>| {
        address.map_or_else(|| "127.0.0.1:1".to_owned(), ToString::to_string)
    };
    let mut command = Command::new(tool("haproxy")?);
    command
        .env("BIND", address.to_string())
        .env("DEMO", default.name())
        .env("VIEWER", there(viewer.as_ref()));
    for file in ["haproxy.cfg", backends] {
        command.arg("-f").arg(root().join("haproxy").join(file));
    }
    for demo in Demo::ALL {
        let known = servers
            .iter()
            .find(|(of, _)| *of == demo)
            .map_or(&[][..], |(_, addresses)| addresses);
        for place in 0..SERVERS {
            command.env(
                format!(
                    "{}_{}",
                    demo.service().to_uppercase().replace('-', "_"),
                    place + 1
                ),
                there(known.get(place)),
            );
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

/// Returns `line 20: unknown keyword ...` for `[ALERT] (7) : config : parsing [/folder/haproxy.cfg:20] : unknown keyword ...`.
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
    balance source
    cookie server insert
    server a \"${APP_1}\" cookie one
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
            ("sever b", "line 14: unknown keyword 'sever'"),
            ("frontend c\nserver b", "line 15: 'server' not allowed"),
        ] {
            std::fs::write(&file, CONFIG.replace("server b", mistake)).unwrap();
            let error = Balancer::config_error(&file, 2).unwrap().unwrap();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[tokio::test]
    async fn inspect_returns_algorithm_cookies_and_servers() {
        let env = TestEnv::new().unwrap();
        let file = env.path().join("haproxy.cfg");
        std::fs::write(&file, CONFIG).unwrap();
        let servers = [1, 2].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let inspecting = async {
            let balancer = Balancer::with_config(&env, &file, &servers).await.unwrap();
            balancer.inspect().await.unwrap()
        };
        // The visitor's client spawns local tasks.
        let state = tokio::task::LocalSet::new().run_until(inspecting).await;
        assert_eq!(
            (state.algorithm.as_str(), state.cookie.as_deref()),
            ("source", Some("server"))
        );
        let servers: Vec<_> = state
            .servers
            .iter()
            .map(|it| (&*it.name, &*it.address, it.backup, it.cookie.as_deref()))
            .collect();
        assert_eq!(
            servers,
            [
                ("a", "127.0.0.1:1", false, Some("one")),
                ("b", "127.0.0.1:2", true, None)
            ]
        );
    }

    #[test]
    fn haproxy_accepts_our_configurations_without_warning() {
        for backends in ["native.cfg", "compose.cfg"] {
            let mut command = configured(
                backends,
                ([127, 0, 0, 1], 5000).into(),
                Demo::File,
                &[],
                None,
            )
            .unwrap();
            let output = command.args(["-c", "-dW"]).output().unwrap();
            assert!(
                output.status.success(),
                "{backends}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
