//! Where visitors send their requests.

use std::net::SocketAddr;

/// An address and a host name.
///
/// The host name is sent as `Host` and never looked up, because not every system resolves `*.localhost`.
#[derive(Debug, Clone)]
pub struct Endpoint {
    address: SocketAddr,
    host: String,
}

impl Endpoint {
    /// Returns the endpoint at `address` with the host name `localhost`.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            host: format!("localhost:{}", address.port()),
        }
    }

    /// Returns the same address with the host name `name`.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self {
            address: self.address,
            host: format!("{name}:{}", self.address.port()),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the value of the `Host` header.
    pub fn host(&self) -> &str {
        &self.host
    }
}
