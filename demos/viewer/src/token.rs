//! Tokens that stand for session IDs in the page.

use actix_web::cookie::{Cookie, CookieJar, Key};

const NAME: &str = "id";

/// Encrypts session IDs, as actix-web encrypts private cookies.
///
/// With a token, a button can name its session without revealing the ID. The key lives as long as the process, so the
/// buttons of an earlier run do nothing.
pub(crate) struct TokenKey(Key);

impl TokenKey {
    pub(crate) fn generate() -> Self {
        Self(Key::generate())
    }

    /// Returns a token for `id`.
    pub(crate) fn encrypt(&self, id: &str) -> String {
        let mut jar = CookieJar::new();
        jar.private_mut(&self.0)
            .add(Cookie::new(NAME, id.to_owned()));
        jar.get(NAME)
            .map(|token| token.value().to_owned())
            .unwrap_or_default()
    }

    /// Returns the ID in `token`, or `None` if the token was not made with this key.
    pub(crate) fn decrypt(&self, token: String) -> Option<String> {
        let cookie = CookieJar::new()
            .private(&self.0)
            .decrypt(Cookie::new(NAME, token))?;
        Some(cookie.value().to_owned())
    }
}
