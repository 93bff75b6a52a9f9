//! The secret that signs the cookies of all instances.

use actix_web::cookie::Key;

/// Published with this code, so anyone can sign a session ID with it.
const DEMO_KEY: &str =
    "the published demo key: good for a workshop on your own machine, and for nothing else";

/// The minimum is the size of the hash, here SHA-256 (RFC 2104, section 3).
const MIN_BYTES: usize = 32;

/// Why the server has no usable secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The secret is too short to sign with.
    #[error(
        "SESSION_KEY has {0} bytes and needs at least {MIN_BYTES}; make a key with: openssl rand -base64 48"
    )]
    TooShort(usize),
    /// The demo key must not sign cookies for other machines.
    #[error(
        "cannot listen on {0} without SESSION_KEY, because the demo key is published; make a key with: openssl rand -base64 48"
    )]
    DemoKeyOffLoopback(String),
}

/// Derives the key from `secret`. Without a secret, derives it from the demo key if the server listens on `loopback` only.
pub(crate) fn signing_key(
    secret: Option<&str>,
    loopback: bool,
    host: &str,
) -> Result<Key, SecretError> {
    match secret {
        Some(secret) if secret.len() < MIN_BYTES => Err(SecretError::TooShort(secret.len())),
        Some(secret) => Ok(Key::derive_from(secret.as_bytes())),
        None if !loopback => Err(SecretError::DemoKeyOffLoopback(host.to_owned())),
        None => {
            log::warn!(
                "SESSION_KEY is not set: cookies are signed with the published demo key; use it on this machine only"
            );
            Ok(Key::derive_from(DEMO_KEY.as_bytes()))
        }
    }
}
