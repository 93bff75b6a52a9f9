//! The port that the story wants.

use anyhow::{Result, bail};

/// Checks that nobody serves `localhost:port`.
///
/// # Errors
/// Somebody does; the message tells who, if the system tells, and how to choose another port.
pub fn check(port: u16) -> Result<()> {
    if let Some(taken) = testkit::port_owner(port)? {
        bail!("{taken}; choose another, as in --port 5050");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_port_in_use_is_refused_with_the_way_to_another() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let message = check(port).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("port {port} is in use"))
                && message.ends_with("--port 5050"),
            "{message}"
        );
        drop(listener);
        assert!(check(port).is_ok());
    }
}
