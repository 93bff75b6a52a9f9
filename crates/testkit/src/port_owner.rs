//! Who else is on a port.

use std::{
    fmt,
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

/// A port that somebody serves.
#[derive(Debug, Clone)]
pub struct PortOwner {
    /// Its number.
    pub port: u16,
    /// Who serves it, as in `python3 (pid 4711)`, if the system tells.
    pub by: Option<String>,
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} is in use", self.port)?;
        self.by.iter().try_for_each(|by| write!(f, " by {by}"))
    }
}

/// Whether somebody serves `localhost:port`, and who.
///
/// Somebody may, although the port can be had: on macOS, where AirPlay listens on port 5000 of every address, a server
/// can still take it on one, and `localhost` is then whichever the client tries first.
///
/// # Errors
/// Nobody does, and the port can't be had all the same.
pub fn port_owner(port: u16) -> Result<Option<PortOwner>> {
    let served = |address: SocketAddr| {
        TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
    };
    let v4 = (Ipv4Addr::LOCALHOST, port).into();
    let taken = match TcpListener::bind(v4) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => true,
        bound => {
            drop(bound.with_context(|| format!("cannot listen on port {port}"))?);
            served(v4) || served((Ipv6Addr::LOCALHOST, port).into())
        }
    };
    Ok(taken.then(|| PortOwner {
        port,
        by: holder(port),
    }))
}

/// The process that listens on `port`, if `lsof` or `ss` is there and tells.
fn holder(port: u16) -> Option<String> {
    lsof(port).or_else(|| ss(port))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_taken_while_somebody_listens_on_it() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = port_owner(port).unwrap().unwrap().to_string();
        assert!(
            told.starts_with(&format!("port {port} is in use")),
            "{told}"
        );
        drop(listener);
        assert!(port_owner(port).unwrap().is_none());
    }
}
