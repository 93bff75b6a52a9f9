//! The secret that signs the cookies of all instances.

use actix_web::cookie::Key;

/// Known to everybody who can read this: with it anybody can sign any session id.
const DEMO_KEY: &str =
    "the published demo key: good for a workshop on your own machine, and for nothing else";

/// Bytes a secret needs (RFC 2104, section 3: no fewer than the hash puts out; here SHA-256).
const SHORTEST: usize = 32;

/// Why there is no usable secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Too short to sign with.
    #[error(
        "SESSION_KEY has {0} bytes and needs at least {SHORTEST}; make one with: openssl rand -base64 48"
    )]
    Short(usize),
    /// The demo key signs nothing that others can reach.
    #[error(
        "without SESSION_KEY only a loopback host can be served, not {0}: the demo key is published; make one with: openssl rand -base64 48"
    )]
    DemoKeyOffLoopback(String),
}

/// The key derived from `secret`, or from the demo key if there is none and the server is on `loopback`.
pub(crate) fn signing_key(
    secret: Option<&str>,
    loopback: bool,
    host: &str,
) -> Result<Key, SecretError> {
    match secret {
        Some(secret) if secret.len() < SHORTEST => Err(SecretError::Short(secret.len())),
        Some(secret) => Ok(Key::derive_from(secret.as_bytes())),
        None if !loopback => Err(SecretError::DemoKeyOffLoopback(host.to_owned())),
        None => {
            log::warn!(
                "SESSION_KEY is not set: cookies are signed with the published demo key; for this machine only"
            );
            Ok(Key::derive_from(DEMO_KEY.as_bytes()))
        }
    }
}
