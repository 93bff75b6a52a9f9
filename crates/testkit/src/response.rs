//! A response as a visitor got it.

use std::time::Duration;

use awc::http::header::HeaderMap;

#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub body: String,
    /// The instance that answered (`X-Served-By`).
    pub instance: Option<String>,
    /// The first 8 characters of the session ID in the visitor's cookie jar after the response.
    pub session: Option<String>,
    pub headers: HeaderMap,
    /// The time from sending the request to the end of the response.
    pub took: Duration,
}

impl Response {
    /// Returns N if the first line is `Hello World #N`.
    pub fn count(&self) -> Option<u64> {
        let line = self.body.lines().next()?;
        line.strip_prefix("Hello World #")?.parse().ok()
    }

    /// Returns the value in the second line, if there is one.
    pub fn value(&self) -> Option<&str> {
        self.body.lines().nth(1)?.strip_prefix("value: ")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
