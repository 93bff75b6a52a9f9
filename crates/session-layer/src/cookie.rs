//! Reads and writes the session cookie.

use actix_web::{
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{COOKIE, HeaderMap, HeaderValue},
};

use crate::layer::Config;

/// The key of a session, from the cookie of a request.
pub(crate) struct FoundKey {
    pub(crate) key: String,
    /// The key with its signature, if the current secret signed it.
    pub(crate) signed: Option<String>,
}

impl<S> Config<S> {
    /// Returns the key in the first cookie that is signed, or else in the one of actix-session.
    pub(crate) fn find_key(&self, headers: &HeaderMap) -> Option<FoundKey> {
        let verify = |cookie: &Cookie<'_>| {
            let (key, is_current) = self.keys.verify(cookie)?;
            let signed = is_current.then(|| cookie.value().to_owned());
            Some(FoundKey { key, signed })
        };
        let imported = || self.find_import(headers, self.options.import_cookie_name.as_ref()?);
        find(headers, &self.options.cookie_name, verify).or_else(imported)
    }

    /// Returns the key in the first cookie called `name` that a secret has encrypted or signed, as in actix-session.
    fn find_import(&self, headers: &HeaderMap, name: &str) -> Option<FoundKey> {
        find(headers, name, |cookie| {
            Some(FoundKey {
                key: self.keys.open(cookie)?,
                signed: None,
            })
        })
    }

    /// Returns the header value that gives `key` to a visitor who has sent `found`. It is `None` if the cookie's name or
    /// domain can't be in a header.
    pub(crate) fn set_cookie(&self, key: String, found: Option<&FoundKey>) -> Option<HeaderValue> {
        let same = found.filter(|found| found.key == key);
        let signed = same.and_then(|found| found.signed.clone());
        let signed = signed.unwrap_or_else(|| self.keys.sign(key));
        let mut cookie = self.cookie(&self.options.cookie_name, signed);
        let max_age = self.options.cookie_max_age;
        cookie.set_max_age(max_age.and_then(|age| Duration::try_from(age).ok()));
        HeaderValue::from_str(&cookie.encoded().to_string()).ok()
    }

    /// Returns the header value that makes a browser delete the cookie.
    pub(crate) fn remove_cookie(&self) -> Option<HeaderValue> {
        self.removal(&self.options.cookie_name)
    }

    /// Returns the header value that makes a browser delete the cookie of actix-session, if the request has brought it.
    /// After an import or a logout, each request with it would cost a search for a session that has moved or ended.
    pub(crate) fn remove_import_cookie(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let name = self.options.import_cookie_name.as_ref()?;
        if *name == self.options.cookie_name {
            return None;
        }
        self.find_import(headers, name)?;
        self.removal(name)
    }

    fn removal(&self, name: &str) -> Option<HeaderValue> {
        let mut cookie = self.cookie(name, String::new());
        cookie.make_removal();
        HeaderValue::from_str(&cookie.to_string()).ok()
    }

    fn cookie<'a>(&'a self, name: &'a str, value: String) -> Cookie<'a> {
        let mut cookie = Cookie::build(name, value)
            .path("/")
            .secure(self.options.cookie_secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish();
        if let Some(domain) = &self.options.cookie_domain {
            cookie.set_domain(domain);
        }
        cookie
    }
}

/// Returns what `read` finds in the first cookie called `name` that it accepts. Ignores everything else in the `Cookie`
/// headers, however malformed.
fn find(
    headers: &HeaderMap,
    name: &str,
    read: impl Fn(&Cookie<'_>) -> Option<FoundKey>,
) -> Option<FoundKey> {
    let pieces = headers
        .get_all(COOKIE)
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    pieces.map(<[u8]>::trim_ascii).find_map(|piece| {
        piece.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        read(&Cookie::parse_encoded(str::from_utf8(piece).ok()?).ok()?)
    })
}
