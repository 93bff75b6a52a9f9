//! The secrets that sign session cookies.

use std::fmt;

use actix_web::cookie::{Cookie, CookieJar, Key};

/// One key that signs cookies, and others whose cookies are still accepted.
///
/// To replace a secret, first add the new one as an accepted key on all instances. Then make it the current key, and
/// accept the old one. Remove the old one when all sessions that it signed have expired.
///
/// A visitor whose cookie was signed with an accepted key gets it again, signed with the current one.
///
/// ```
/// use session_layer::KeyRing;
/// let mut keys = KeyRing::from_secret("the new secret, of at least 32 bytes")?;
/// keys.accept("the old secret, of at least 32 bytes")?;
/// # Ok::<(), session_layer::ShortSecret>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct KeyRing {
    /// The key that signs.
    pub current: Key,
    /// The other keys whose cookies are accepted.
    pub accepted: Vec<Key>,
}

impl KeyRing {
    /// Creates a ring whose only key is `current`.
    pub fn new(current: Key) -> Self {
        Self {
            current,
            accepted: Vec::new(),
        }
    }

    /// Creates a ring whose only key is derived from `secret`, as [`Key::derive_from`] does it.
    ///
    /// # Errors
    /// Returns an error if the secret has less than 32 bytes.
    pub fn from_secret(secret: &str) -> Result<Self, ShortSecret> {
        derive(secret).map(Self::new)
    }

    /// Accepts cookies that the key from `secret` has signed.
    ///
    /// # Errors
    /// Returns an error if the secret has less than 32 bytes.
    pub fn accept(&mut self, secret: &str) -> Result<(), ShortSecret> {
        self.accepted.push(derive(secret)?);
        Ok(())
    }

    /// Returns `value` with its signature. That does not depend on the cookie's name.
    pub(crate) fn sign(&self, value: String) -> String {
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.current).add(Cookie::new("", value));
        let signed = jar.get("").expect("it was just added");
        signed.value().to_owned()
    }

    /// Returns the value that a key of the ring has encrypted or signed, as actix-session does.
    pub(crate) fn open(&self, cookie: &Cookie<'_>) -> Option<String> {
        let jar = CookieJar::new();
        let mut keys = std::iter::once(&self.current).chain(&self.accepted);
        let decrypt = |key| jar.private(key).decrypt(cookie.clone().into_owned());
        let opened = keys.find_map(decrypt);
        let signed = || self.verify(cookie).map(|(value, _)| value);
        opened
            .map(|cookie| cookie.value().to_owned())
            .or_else(signed)
    }

    /// Returns the value that was signed, and whether the current key signed it. Returns `None` if no key did.
    pub(crate) fn verify(&self, cookie: &Cookie<'_>) -> Option<(String, bool)> {
        let jar = CookieJar::new();
        let value = |key| {
            let signed = Cookie::new("", cookie.value().to_owned());
            let verified = jar.signed(key).verify(signed)?;
            Some(verified.value().to_owned())
        };
        let with_accepted = || Some((self.accepted.iter().find_map(value)?, false));
        value(&self.current)
            .map(|value| (value, true))
            .or_else(with_accepted)
    }
}

/// The least size of a secret: that of the hash, here SHA-256 (RFC 2104, section 3).
const MIN_BYTES: usize = 32;

fn derive(secret: &str) -> Result<Key, ShortSecret> {
    let bytes = secret.len();
    if bytes < MIN_BYTES {
        return Err(ShortSecret { bytes });
    }
    Ok(Key::derive_from(secret.as_bytes()))
}

/// The error of a secret that is too short to sign cookies.
#[derive(thiserror::Error)]
#[error(
    "the secret that signs cookies has {bytes} bytes and needs at least {MIN_BYTES}; make one with: \
     openssl rand -base64 48"
)]
pub struct ShortSecret {
    bytes: usize,
}

/// Writes the message. Rust shows an error that `main` returns with `Debug`.
impl fmt::Debug for ShortSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
