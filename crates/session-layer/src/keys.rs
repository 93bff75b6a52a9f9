//! The secrets that sign session cookies.

use actix_web::cookie::{Cookie, CookieJar, Key};

/// One key that signs cookies, and others whose cookies are still accepted.
///
/// To replace a secret, first add the new one as an accepted key on all instances. Then make it the current key, and
/// accept the old one. Remove the old one when all sessions that it signed have expired.
///
/// A visitor whose cookie was signed with an accepted key gets it again, signed with the current one.
///
/// ```
/// use actix_web::cookie::Key;
/// use session_layer::KeyRing;
/// let mut keys = KeyRing::new(Key::derive_from(b"the new secret, of at least 32 bytes"));
/// keys.accepted.push(Key::derive_from(b"the old secret, of at least 32 bytes"));
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
