//! The secret that signs the cookies of all instances.

use actix_web::cookie::Key;
use anyhow::ensure;

/// Published with this code, so anyone can sign a session ID with it.
const DEMO_KEY: &str =
    "the published demo key: good for a workshop on your own machine, and for nothing else";

/// The minimum is the size of the hash, here SHA-256 (RFC 2104, section 3).
const MIN_BYTES: usize = 32;

/// Advice at the end of an error.
const MAKE_A_KEY: &str = "make a key with: openssl rand -base64 48";

/// Derives a key from `secret`, which the error calls `name`.
pub fn derive_key(name: &str, secret: &str) -> anyhow::Result<Key> {
    let bytes = secret.len();
    ensure!(
        bytes >= MIN_BYTES,
        "{name} has {bytes} bytes and needs at least {MIN_BYTES}; {MAKE_A_KEY}"
    );
    Ok(Key::derive_from(secret.as_bytes()))
}

/// Derives the key from `secret`. Without a secret, derives it from the demo key if the server listens on `loopback`
/// only.
pub(crate) fn signing_key(secret: Option<&str>, loopback: bool, host: &str) -> anyhow::Result<Key> {
    if let Some(secret) = secret {
        return derive_key("SESSION_KEY", secret);
    }
    ensure!(
        loopback,
        "cannot listen on {host} without SESSION_KEY, because the demo key is published; {MAKE_A_KEY}"
    );
    log::warn!(
        "SESSION_KEY is not set: cookies are signed with the published demo key; use it on this machine only"
    );
    Ok(Key::derive_from(DEMO_KEY.as_bytes()))
}
