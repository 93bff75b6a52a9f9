//! HAProxy, with the project's own configuration or somebody else's.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    Demo, TestEnv, Visitor,
    binaries::{root, tool},
    ports::Port,
    process::Process,
    visitor::Endpoint,
};

/// Instances of each demo that the native configuration has room for.
const SERVERS: usize = 2;

/// A running HAProxy.
#[derive(Debug)]
pub struct Balancer {
    // Held: they end with it.
    _process: Process,
    address: SocketAddr,
    statistics: Endpoint,
    _ports: Vec<Port>,
}

/// How HAProxy understands its configuration.
#[derive(Debug, Clone)]
pub struct HaproxyState {
    /// By what a server is chosen, as in `roundrobin`.
    pub algorithm: String,
    /// The name of the cookie that ties a visitor to a server.
    pub cookie: Option<String>,
    /// The servers, in order.
    pub servers: Vec<Server>,
}

/// A `server` line, as HAProxy understands it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether it is in service, as far as is known yet.
    pub up: bool,
    /// Whether it serves only where no other one is left.
    pub backup: bool,
    /// The cookie's value that stands for it.
    pub cookie: Option<String>,
}

impl Balancer {
    /// Starts HAProxy in front of `servers`, on `port` or on a free one. A host name without a backend of its own gets
    /// `default`, which can be any demo but the login.
    ///
    /// # Errors
    /// haproxy is not installed, or doesn't start.
    pub async fn start(
        env: &TestEnv,
        default: Demo,
        servers: &[(Demo, Vec<SocketAddr>)],
        port: Option<u16>,
    ) -> Result<Self> {
        Self::with_viewer(env, default, servers, None, port).await
    }

    /// As [`start`](Self::start), with a `viewer` of the sessions in Redis.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn with_viewer(
        env: &TestEnv,
        default: Demo,
        servers: &[(Demo, Vec<SocketAddr>)],
        viewer: Option<SocketAddr>,
        port: Option<u16>,
    ) -> Result<Self> {
        let claimed = if port.is_some() {
            None
        } else {
            Some(Port::claim()?)
        };
        let number = port
            .or(claimed.as_ref().map(Port::number))
            .unwrap_or_default();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, number));
        let command = configured("native.cfg", address, default, servers, viewer)?;
        let statistics = Endpoint::new(address).named("stats.localhost");
        Self::run(
            env,
            command,
            address,
            statistics,
            claimed.into_iter().collect(),
        )
        .await
    }

    /// Starts one with the configuration in `file`, which finds in its environment the address to listen on, `BIND`, and
    /// those of the `servers`, `APP_1` and so on.
    ///
    /// # Errors
    /// haproxy is not installed, or doesn't start; [`complaint`](Self::complaint) tells beforehand if that is for the file.
    pub async fn of(env: &TestEnv, file: &Path, servers: &[SocketAddr]) -> Result<Self> {
        let ports = vec![Port::claim()?, Port::claim()?];
        let [address, statistics] = [0, 1]
            .map(|place: usize| SocketAddr::from((Ipv4Addr::LOCALHOST, ports[place].number())));
        let mut command = of_file(file, address, servers)?;
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

    /// What HAProxy first has to say against the configuration in `file`, which is for so many `servers`: the line, and
    /// its own words. Nothing, if it accepts it.
    ///
    /// # Errors
    /// haproxy is not installed.
    pub fn complaint(file: &Path, servers: usize) -> Result<Option<String>> {
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let output = of_file(file, nobody, &vec![nobody; servers])?
            .arg("-c")
            .output()
            .context("cannot start haproxy")?;
        Ok((!output.status.success())
            .then(|| first_alert(&String::from_utf8_lossy(&output.stderr), file)))
    }

    /// How it understands a configuration [`of`](Self::of) somebody.
    ///
    /// # Errors
    /// It doesn't say.
    pub async fn inspect(&self) -> Result<HaproxyState> {
        let said = Visitor::new().get(&self.statistics, "/;json").await?;
        parse_state(&said.body).context("HAProxy tells its state in another way")
    }

    /// How a visitor reaches what it serves.
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

/// haproxy with the configuration in `file`.
fn of_file(file: &Path, address: SocketAddr, servers: &[SocketAddr]) -> Result<Command> {
    let mut command = Command::new(tool("haproxy")?);
    command.env("BIND", address.to_string()).arg("-f").arg(file);
    for (number, server) in (1..).zip(servers) {
        command.env(format!("APP_{number}"), server.to_string());
    }
    Ok(command)
}

/// `line 20: unknown keyword ...`, of `[ALERT] (7) : config : parsing [/folder/haproxy.cfg:20] : unknown keyword ...`.
fn first_alert(log: &str, file: &Path) -> String {
    let alert = log
        .lines()
        .find(|line| line.starts_with("[ALERT]"))
        .unwrap_or(log.trim());
    let place = format!("[{}:", file.display());
    let placed = alert
        .rsplit_once(&place)
        .and_then(|(_, rest)| rest.split_once(']'));
    placed.map_or_else(
        || alert.to_owned(),
        |(line, words)| {
            format!(
                "line {line}: {}",
                words.trim_start_matches([' ', ':']).trim()
            )
        },
    )
}

/// What HAProxy's statistics say as JSON: of each frontend, backend and server a list of fields.
fn parse_state(json: &str) -> Option<HaproxyState> {
    let rows: Vec<Vec<Value>> = serde_json::from_str(json).ok()?;
    let text = |row: &[Value], name: &str| {
        let field = row.iter().find(|field| field["field"]["name"] == name)?;
        Some(field["value"]["value"].as_str()?.to_owned())
    };
    let own = |kind: &str| -> Vec<&Vec<Value>> {
        let of_kind = rows
            .iter()
            .filter(|row| row.iter().any(|field| field["objType"] == kind));
        of_kind
            .filter(|row| text(row, "pxname").is_some_and(|name| name != "statistics"))
            .collect()
    };
    let server = |row: &Vec<Value>| {
        Some(Server {
            name: text(row, "svname")?,
            address: text(row, "addr")?,
            up: text(row, "status")?.starts_with("UP"),
            backup: row
                .iter()
                .any(|field| field["field"]["name"] == "bck" && field["value"]["value"] == 1),
            cookie: text(row, "cookie"),
        })
    };
    let backend = *own("Backend").first()?;
    let servers = own("Server")
        .into_iter()
        .map(server)
        .collect::<Option<_>>()?;
    Some(HaproxyState {
        algorithm: text(backend, "algo")?,
        cookie: text(backend, "cookie"),
        servers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_SOMEBODY: &str = "
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
    fn a_complaint_has_its_line_and_the_words_of_haproxy() {
        let env = TestEnv::new().unwrap();
        let file = env.path().join("haproxy.cfg");
        std::fs::write(&file, OF_SOMEBODY).unwrap();
        assert_eq!(Balancer::complaint(&file, 2).unwrap(), None);
        // HAProxy tells the place of the second one twice.
        for (mistake, words) in [
            ("sever b", "line 14: unknown keyword 'sever'"),
            ("frontend c\nserver b", "line 15: 'server' not allowed"),
        ] {
            std::fs::write(&file, OF_SOMEBODY.replace("server b", mistake)).unwrap();
            let complaint = Balancer::complaint(&file, 2).unwrap().unwrap();
            assert!(complaint.starts_with(words), "{complaint}");
        }
    }

    #[tokio::test]
    async fn haproxy_tells_how_it_understands_a_configuration() {
        let env = TestEnv::new().unwrap();
        let file = env.path().join("haproxy.cfg");
        std::fs::write(&file, OF_SOMEBODY).unwrap();
        let servers = [1, 2].map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let asked = async {
            Balancer::of(&env, &file, &servers)
                .await
                .unwrap()
                .inspect()
                .await
                .unwrap()
        };
        // The visitor's client has tasks of its own.
        let state = tokio::task::LocalSet::new().run_until(asked).await;
        assert_eq!(
            (state.algorithm.as_str(), state.cookie.as_deref()),
            ("source", Some("server"))
        );
        let [a, b] = &state.servers[..] else {
            panic!("{state:?}")
        };
        assert_eq!(
            (
                a.name.as_str(),
                a.address.as_str(),
                a.backup,
                a.cookie.as_deref()
            ),
            ("a", "127.0.0.1:1", false, Some("one"))
        );
        assert_eq!(
            (
                b.name.as_str(),
                b.address.as_str(),
                b.backup,
                b.cookie.as_deref()
            ),
            ("b", "127.0.0.1:2", true, None)
        );
    }

    #[test]
    fn haproxy_takes_the_configuration_of_each_place_without_a_warning() {
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
