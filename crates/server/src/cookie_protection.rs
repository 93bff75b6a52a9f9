//! The protection of the session cookie: signed, or encrypted too.

use actix_session::config::CookieContentSecurity;
use clap::ValueEnum;

/// Selects how the session cookie is protected. In both cases, only the server can write it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CookieProtection {
    /// The server signs the cookie. The visitor can read it.
    #[default]
    Signed,
    /// The server encrypts the cookie, and only the server can read it.
    Private,
}

impl CookieProtection {
    /// Returns how many bytes a session key may have. Browsers accept a cookie of 4096 bytes, with name and attributes.
    ///
    /// Encryption adds 28 bytes to the key, and base64 makes four characters of each three bytes. In the header, each
    /// `/` among them takes three characters. Their number is random, so the limit leaves room for twice the usual
    /// number.
    pub(crate) fn longest_key(self) -> usize {
        match self {
            // The stores know their own limits.
            Self::Signed => usize::MAX,
            Self::Private => 2700,
        }
    }
}

impl From<CookieProtection> for CookieContentSecurity {
    fn from(protection: CookieProtection) -> Self {
        match protection {
            CookieProtection::Signed => Self::Signed,
            CookieProtection::Private => Self::Private,
        }
    }
}
