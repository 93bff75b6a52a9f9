//! A response as a visitor got it.

use std::time::Duration;

use awc::http::header::HeaderMap;

/// An HTTP response as a visitor got it.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
    /// The instance that answered (`X-Served-By`).
    pub instance: Option<String>,
    /// The first 8 characters of the session ID in the visitor's cookie jar after the response.
    pub session: Option<String>,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The time from sending the request to the end of the response.
    pub took: Duration,
}

impl Response {
    /// Returns N if the first line is `Hello World #N`.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.body
            .lines()
            .next()?
            .strip_prefix("Hello World #")?
            .parse()
            .ok()
    }

    /// Returns the value in the second line, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.body.lines().nth(1)?.strip_prefix("value: ")
    }

    /// Returns the header `name` as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
