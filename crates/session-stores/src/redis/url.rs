//! Turns the URL of Redis into what a connection needs.

use std::path::Path;

use deadpool_redis::redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

use super::{error::RedisStoreError, tls};

/// Parses `url`. With `rediss://` the connection trusts the authorities in `ca_file`, or those of the system.
pub(super) fn parse(url: &str, ca_file: Option<&Path>) -> Result<ConnectionInfo, RedisStoreError> {
    let no_tls = |reason| RedisStoreError::Tls {
        url: without_password(url),
        reason,
    };
    let uses_tls = url.starts_with("rediss://") || url.starts_with("valkeys://");
    if uses_tls && cfg!(not(feature = "redis-tls")) {
        return Err(no_tls(
            "this program lacks the feature redis-tls of session-stores",
        ));
    }
    let info = url
        .into_connection_info()
        .map_err(|_| RedisStoreError::Url {
            url: without_password(url),
        })?;
    if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
        return Err(no_tls(
            "certificates are always checked; remove #insecure, and name your CA file",
        ));
    }
    let info = match ca_file {
        Some(path) if uses_tls => tls::trust(info, path)?,
        Some(path) => {
            return Err(RedisStoreError::CaFile {
                path: path.to_owned(),
                reason: "only a URL that begins with rediss:// uses one".to_owned(),
            });
        }
        None => info,
    };
    if uses_tls {
        tls::choose_provider();
    }
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    Ok(info.set_tcp_settings(tcp))
}

/// Returns `url` for an error, with `…` for everything that may be a password, however malformed it is.
pub(super) fn without_password(url: &str) -> String {
    // A password alone may have been given for a URL.
    let Some((scheme, rest)) = url.split_once("://") else {
        return "…".to_owned();
    };
    let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let user = if user.is_empty() { "" } else { "…@" };
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query = if query.is_empty() { "" } else { "?…" };
    let host = address.split(['/', '#']).next().unwrap_or_default();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    // `user:password` without a host looks like a host with a port.
    let is_port = |byte: u8| byte.is_ascii_digit() || byte == b']';
    let address = if port.bytes().all(is_port) {
        address
    } else {
        "…"
    };
    format!("{scheme}://{user}{address}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            (
                "redis://:secret@127.0.0.1:6379/2",
                "redis://…@127.0.0.1:6379/2",
            ),
            ("redis://app:se@c/r?et@[::1]:6379", "redis://…@[::1]:6379"),
            ("redis://[::1]", "redis://[::1]"),
            ("http://127.0.0.1:port", "http://…"),
            ("redis://:secret", "redis://…"),
            (
                "redis+unix:///run/redis.sock?pass=secret",
                "redis+unix:///run/redis.sock?…",
            ),
            ("secret", "…"),
            ("", "…"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    /// Otherwise a program that contains two providers would panic at its first connection.
    #[cfg(feature = "redis-tls")]
    #[test]
    fn a_url_with_tls_chooses_the_provider() {
        parse("rediss://127.0.0.1", None).unwrap();
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }
}
