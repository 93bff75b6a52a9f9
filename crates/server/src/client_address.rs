//! Finds out which client has sent a request.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;

use crate::instance::InstanceInfo;

/// Returns the address of the client that sent `request`, for counting its requests.
///
/// With `--behind-proxy` it is the last value of `X-Forwarded-For`, which the load balancer has set. Otherwise it is
/// the other end of the connection. Of an IPv6 address it returns the first 64 bits, because a client usually has all
/// addresses that begin with them (RFC 6177).
///
/// # Panics
/// Panics outside of a [`Server`](crate::Server).
pub fn client_address(request: &HttpRequest) -> IpAddr {
    let clients = &InstanceInfo::of(request).clients;
    let forwarded = request.headers().get_all("x-forwarded-for").last();
    let forwarded = forwarded
        .filter(|_| clients.behind_proxy)
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let peer = request.peer_addr().map(|peer| peer.ip());
    let address = forwarded
        .or(peer)
        .unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}
