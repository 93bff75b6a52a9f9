//! Free ports, each claimed by one test at a time.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
};

use anyhow::{Result, bail};

/// Below the ports that systems use for outgoing connections (from 32768 on Linux, 49152 on macOS), so that a server
/// finds its port still free when it restarts.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A TCP port of 127.0.0.1 that no other test on this machine uses while this value lives.
///
/// The claim is a UDP socket with the same number. It ends with the process and leaves no lock file.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _claim: Option<UdpSocket>,
}

impl Port {
    pub fn claim() -> Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Each process starts at a different number, so that two processes seldom try the same port.
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
                    _claim: Some(claim),
                });
            }
        }
        bail!("no free port from {FIRST} to {}", FIRST + COUNT - 1)
    }

    /// Returns the port `number` without a claim, or claims a free one.
    pub(crate) fn or_claim(number: Option<u16>) -> Result<Self> {
        match number {
            None => Self::claim(),
            Some(number) => Ok(Self {
                number,
                _claim: None,
            }),
        }
    }

    pub fn number(&self) -> u16 {
        self.number
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claimed_ports_differ() {
        let ports: Vec<_> = (0..100).map(|_| Port::claim().unwrap()).collect();
        let numbers: std::collections::HashSet<_> = ports.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), 100);
    }
}
