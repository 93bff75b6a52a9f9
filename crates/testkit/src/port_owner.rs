//! Finds the process that uses a port.

use std::{
    fmt,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

/// How long to wait for a connection and for a response.
const PATIENCE: Duration = Duration::from_millis(200);

/// A port that is in use.
#[derive(Debug, Clone, Default)]
pub struct PortOwner {
    pub port: u16,
    /// The process that uses it, as in `python3 (pid 4711)`, if the system reports it.
    pub by: Option<String>,
    /// The name in its HTTP responses, as in `AirTunes/550.10`, if it sends one.
    pub answers_as: Option<String>,
}

impl PortOwner {
    /// Returns whether this is the AirPlay receiver of macOS, by its process in the short form of `lsof` or by its
    /// responses.
    pub fn is_airplay(&self) -> bool {
        let begins = |text: &Option<String>, name| {
            let text = text.as_deref();
            text.is_some_and(|text| text.starts_with(name))
        };
        begins(&self.by, "ControlCe") || begins(&self.answers_as, "AirTunes")
    }
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} is in use", self.port)?;
        self.by.iter().try_for_each(|by| write!(f, " by {by}"))?;
        let name = self.answers_as.iter();
        name.map(|name| name.escape_debug())
            .try_for_each(|name| write!(f, ", which answers as {name}"))
    }
}

/// Returns the owner of `localhost:port`, or `None` if the port is free.
///
/// A port can be in use although we can listen on it. On macOS, AirPlay listens on port 5000 of every address. Another
/// server can still take 127.0.0.1:5000, and clients of `localhost` then reach either.
pub fn port_owner(port: u16) -> Result<Option<PortOwner>> {
    let connect = |address| TcpStream::connect_timeout(&address, PATIENCE);
    let v4: SocketAddr = (Ipv4Addr::LOCALHOST, port).into();
    let v6: SocketAddr = (Ipv6Addr::LOCALHOST, port).into();
    let in_use = match TcpListener::bind(v4) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => true,
        bound => {
            drop(bound.with_context(|| format!("cannot listen on port {port}"))?);
            connect(v4).is_ok() || connect(v6).is_ok()
        }
    };
    Ok(in_use.then(|| PortOwner {
        port,
        by: lsof(port).or_else(|| ss(port)),
        // Clients of `localhost` try the address of IPv6 first.
        answers_as: [v6, v4].map(connect).into_iter().flatten().find_map(server),
    }))
}

/// Requests a page, and returns the header `Server` of the response.
fn server(mut stream: TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream
        .write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        .ok()?;
    let mut response = [0; 1024];
    let length = stream.read(&mut response).ok()?;
    let text = String::from_utf8_lossy(&response[..length]);
    let headers = text.lines().filter_map(|line| line.split_once(':'));
    let mut servers = headers.filter(|(name, _)| name.eq_ignore_ascii_case("server"));
    let (_, value) = servers.next()?;
    Some(value.trim().to_owned())
}

fn lsof(port: u16) -> Option<String> {
    let text = run(
        "lsof",
        &["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN", "-Fpc"],
    )?;
    let field = |letter| text.lines().find_map(|line| line.strip_prefix(letter));
    Some(format!("{} (pid {})", field('c')?, field('p')?))
}

fn ss(port: u16) -> Option<String> {
    // … users:(("python3",pid=4711,fd=3))
    let text = run("ss", &["-ltnpH", &format!("sport = :{port}")])?;
    let (_, user) = text.split_once("((\"")?;
    let (name, rest) = user.split_once("\",pid=")?;
    Some(format!("{name} (pid {})", rest.split(',').next()?))
}

fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
