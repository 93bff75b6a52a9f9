//! Who else is on the port that the story wants.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// Checks that nobody serves `localhost:port`.
///
/// Somebody may, although the port can be had: on macOS, where AirPlay listens on port 5000 of every address, a server
/// can still take it on one, and `localhost` is then whichever the client tries first.
///
/// # Errors
/// Somebody does; the message tells who, if the system tells, and how to choose another port.
pub fn check(port: u16) -> Result<()> {
    let served = |address: SocketAddr| TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok();
    let v4 = (Ipv4Addr::LOCALHOST, port).into();
    let taken = match TcpListener::bind(v4) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => true,
        bound => {
            drop(bound.with_context(|| format!("cannot listen on port {port}"))?);
            served(v4) || served((Ipv6Addr::LOCALHOST, port).into())
        }
    };
    if taken {
        let holder = holder(port).map(|holder| format!(" by {holder}")).unwrap_or_default();
        bail!("port {port} is in use{holder}; choose another, as in --port 5050");
    }
    Ok(())
}

/// The process that listens on `port`, as in `python3 (pid 4711)`, if `lsof` or `ss` is there and tells.
fn holder(port: u16) -> Option<String> {
    lsof(port).or_else(|| ss(port))
}

fn lsof(port: u16) -> Option<String> {
    let text = run("lsof", &["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN", "-Fpc"])?;
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
    fn a_port_in_use_is_refused_with_the_way_to_another() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let message = check(port).unwrap_err().to_string();
        assert!(message.starts_with(&format!("port {port} is in use")) && message.ends_with("--port 5050"), "{message}");
        drop(listener);
        assert!(check(port).is_ok());
    }
}
