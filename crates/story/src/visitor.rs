//! A visitor of a scene.

use anyhow::{Context, Result};
use base64::{Engine, prelude::*};
use serde_json::Value;
use testkit::{Endpoint, Events, Response};

/// A client with its own cookie jar, and the endpoint that gets its requests.
#[derive(Clone)]
pub(crate) struct Visitor {
    client: testkit::Visitor,
    endpoint: Endpoint,
    /// Its number in the scene, which the narrator gives it at its first request.
    pub(crate) number: Option<usize>,
}

impl Visitor {
    /// Creates a visitor of `endpoint` without cookies.
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        Self {
            client: testkit::Visitor::new(),
            endpoint: endpoint.clone(),
            number: None,
        }
    }

    /// Sends the next requests to `endpoint`.
    pub(crate) fn at(&mut self, endpoint: &Endpoint) -> &mut Self {
        self.endpoint = endpoint.clone();
        self
    }

    /// Creates another visitor with a copy of the session cookie: a thief, or another tab of the browser.
    pub(crate) fn copied(&self) -> Result<Self> {
        Ok(Self {
            client: self.client.copied()?,
            endpoint: self.endpoint.clone(),
            number: None,
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Response> {
        self.client.get(&self.endpoint, path).await
    }

    pub(crate) async fn post(&mut self, path: &str, json: &str) -> Result<Response> {
        self.client.post_json(&self.endpoint, path, json).await
    }

    /// Submits `form`, which is URL-encoded.
    pub(crate) async fn submit(&mut self, path: &str, form: &str) -> Result<Response> {
        self.client.post(&self.endpoint, path, form).await
    }

    /// Returns the session cookie as a browser sends it: its name, `=`, and its value in percent-encoding.
    pub(crate) fn cookie(&self) -> Result<String> {
        let cookie = self.client.cookie().context("no session cookie")?;
        Ok(cookie.encoded().stripped().to_string())
    }

    /// Returns the entries of the session that the visitor can read in the cookie, as JSON. They are in base64.
    pub(crate) fn readable_entries(&self) -> Result<Option<Value>> {
        let cookie = self.client.cookie().context("no session cookie")?;
        // A signed cookie has the session behind a dot. An encrypted one has no dot.
        let text = cookie.value().rsplit('.').next().unwrap_or_default();
        let text = text.trim_end_matches('=');
        let in_url = BASE64_URL_SAFE_NO_PAD.decode(text);
        let bytes = in_url.or_else(|_| BASE64_STANDARD_NO_PAD.decode(text));
        let record: Option<Value> = serde_json::from_slice(&bytes.unwrap_or_default()).ok();
        Ok(record.and_then(|mut record| Some(record.get_mut("Data")?.take())))
    }

    /// Opens the stream of server-sent events at `path`.
    pub(crate) async fn listen(&self, path: &str) -> Result<Events> {
        self.client.listen(&self.endpoint, path).await
    }
}
