//! Names for sessions that are not their ids.

use std::fmt::Write;

use actix_web::cookie::{Cookie, CookieJar, Key};
use sha2::{Digest, Sha256};

const NAME: &str = "id";

/// Makes ids unreadable, and readable again to this process alone. So a button can say which session it ends without the
/// page telling its id; a button of an earlier run says nothing any more.
pub(crate) struct Seal(Key);

impl Seal {
    pub(crate) fn new() -> Self {
        Self(Key::generate())
    }

    /// `id`, encrypted as actix encrypts private cookies.
    pub(crate) fn seal(&self, id: &str) -> String {
        let mut jar = CookieJar::new();
        jar.private_mut(&self.0)
            .add(Cookie::new(NAME, id.to_owned()));
        jar.get(NAME)
            .map(|sealed| sealed.value().to_owned())
            .unwrap_or_default()
    }

    /// The id in `sealed`, if this process sealed it.
    pub(crate) fn open(&self, sealed: String) -> Option<String> {
        let opened = CookieJar::new()
            .private(&self.0)
            .decrypt(Cookie::new(NAME, sealed))?;
        Some(opened.value().to_owned())
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of `bytes`: of an id, a name that leads to nobody's session.
pub(crate) fn handle(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8]
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";

    #[test]
    fn what_was_sealed_is_opened_by_the_same_seal_only() {
        let (seal, another) = (Seal::new(), Seal::new());
        let sealed = seal.seal(ID);
        assert!(!sealed.contains(&ID[..8]));
        assert_eq!(seal.open(sealed.clone()).as_deref(), Some(ID));
        assert_eq!(another.open(sealed), None);
        assert_eq!(seal.open(ID.to_owned()), None);
    }

    #[test]
    fn a_handle_is_the_beginning_of_the_hash() {
        // printf %s … | sha256sum
        assert_eq!(handle(b"abc"), "ba7816bf8f01cfea");
    }
}
