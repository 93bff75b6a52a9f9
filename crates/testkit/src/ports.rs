//! Free ports, each for one stage at a time.

use std::{
    net::{Ipv4Addr, TcpListener, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
};

use anyhow::{Result, bail};

/// Below the ports that systems lend to outgoing connections (from 32768 on Linux, 49152 on macOS), so that a server
/// that is down for a moment finds its port free again.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A TCP port of 127.0.0.1 that no other stage of this machine takes while this value lives.
///
/// The claim is the UDP socket of the same number, which nothing here uses otherwise: it goes with the process, however
/// that ends, and leaves no lock file.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _claim: UdpSocket,
}

impl Port {
    /// Claims one.
    ///
    /// # Errors
    /// All are taken.
    pub fn claim() -> Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Processes start at different places, so that they seldom meet at all.
        let start = u16::try_from(std::process::id() * 61 % u32::from(COUNT))?;
        for _ in 0..COUNT {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let number = FIRST + (start + step % COUNT) % COUNT;
            let address = (Ipv4Addr::LOCALHOST, number);
            if let Ok(claim) = UdpSocket::bind(address)
                && TcpListener::bind(address).is_ok()
            {
                return Ok(Self {
                    number,
                    _claim: claim,
                });
            }
        }
        bail!("no free port from {FIRST} to {}", FIRST + COUNT - 1)
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_port_is_nobody_elses() {
        let ports: Vec<_> = (0..100).map(|_| Port::claim().unwrap()).collect();
        let numbers: std::collections::HashSet<_> = ports.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), 100);
    }
}
