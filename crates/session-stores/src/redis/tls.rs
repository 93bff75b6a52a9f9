//! TLS, for URLs that begin with `rediss://`. Without the feature `redis-tls`, `url` refuses those.

use std::path::Path;

use deadpool_redis::redis::ConnectionInfo;

use super::error::RedisStoreError;

/// Chooses the program's provider of cryptography, unless the program has chosen one. The redis crate would panic at
/// its first connection if the program contained none, or two.
#[cfg(feature = "redis-tls")]
pub(super) fn choose_provider() {
    use rustls::crypto::{CryptoProvider, ring};

    if CryptoProvider::get_default().is_none() {
        // It only fails if another thread was faster.
        let _ = ring::default_provider().install_default();
    }
}

/// Makes the connection trust the authorities in the file at `path` and no others.
#[cfg(feature = "redis-tls")]
pub(super) fn trust(info: ConnectionInfo, path: &Path) -> Result<ConnectionInfo, RedisStoreError> {
    use deadpool_redis::redis::{Client, TlsCertificates};

    let failed = |reason: String| RedisStoreError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let pem = std::fs::read(path).map_err(|error| failed(error.kind().to_string()))?;
    // The redis crate would accept such a file, and then trust no certificate.
    if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
        let reason = "it contains no certificate in PEM format";
        return Err(failed(reason.to_owned()));
    }
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(pem),
    };
    let client = Client::build_with_tls(info, certificates);
    let client = client.map_err(|error| failed(error.to_string()))?;
    Ok(client.get_connection_info().clone())
}

#[cfg(not(feature = "redis-tls"))]
pub(super) fn choose_provider() {}

#[cfg(not(feature = "redis-tls"))]
#[expect(clippy::unnecessary_wraps, reason = "it fails with the feature")]
pub(super) fn trust(info: ConnectionInfo, _: &Path) -> Result<ConnectionInfo, RedisStoreError> {
    Ok(info)
}
