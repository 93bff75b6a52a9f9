//! A response as a visitor got it.

use std::time::Duration;

use awc::http::header::HeaderMap;
use serde_json::Value;

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
    /// Returns the count if the status is 200: N in `Hello World #N`, the first line, or in `{"count":N,…}`.
    pub fn count(&self) -> Option<u64> {
        let in_text = || {
            let line = self.body.lines().next()?;
            line.strip_prefix("Hello World #")?.parse().ok()
        };
        let in_json = || serde_json::from_str::<Value>(&self.body).ok()?["count"].as_u64();
        let is_ok = self.status == 200;
        is_ok.then(|| in_text().or_else(in_json)).flatten()
    }

    /// Returns the value in the second line, if there is one.
    pub fn value(&self) -> Option<&str> {
        self.body.lines().nth(1)?.strip_prefix("value: ")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
