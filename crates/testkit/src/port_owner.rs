//! Finds the process that uses a port.

use std::{
    fmt,
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

/// A port that is in use.
#[derive(Debug, Clone)]
pub struct PortOwner {
    pub port: u16,
    /// The process that uses it, as in `python3 (pid 4711)`, if the system reports it.
    pub by: Option<String>,
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} is in use", self.port)?;
        self.by.iter().try_for_each(|by| write!(f, " by {by}"))
    }
}

/// Returns the owner of `localhost:port`, or `None` if the port is free.
///
/// A port can be in use although we can listen on it. On macOS, AirPlay listens on port 5000 of every address. Another
/// server can still take 127.0.0.1:5000, and clients of `localhost` then reach either.
pub fn port_owner(port: u16) -> Result<Option<PortOwner>> {
    let accepts = |address: SocketAddr| {
        TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
    };
    let v4 = (Ipv4Addr::LOCALHOST, port).into();
    let in_use = match TcpListener::bind(v4) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => true,
        bound => {
            drop(bound.with_context(|| format!("cannot listen on port {port}"))?);
            accepts(v4) || accepts((Ipv6Addr::LOCALHOST, port).into())
        }
    };
    Ok(in_use.then(|| PortOwner {
        port,
        by: lsof(port).or_else(|| ss(port)),
    }))
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
