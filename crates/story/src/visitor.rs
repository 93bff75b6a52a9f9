//! A visitor of a scene.

use anyhow::Result;
use testkit::{Endpoint, Events, Response};

/// A client with its own cookie jar, and the endpoint that gets its requests.
pub(crate) struct Visitor {
    client: testkit::Visitor,
    endpoint: Endpoint,
}

impl Visitor {
    /// Creates a visitor of `endpoint` without cookies.
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        Self {
            client: testkit::Visitor::new(),
            endpoint: endpoint.clone(),
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
        })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Response> {
        self.client.get(&self.endpoint, path).await
    }

    pub(crate) async fn post(&mut self, path: &str, json: &str) -> Result<Response> {
        self.client.post_json(&self.endpoint, path, json).await
    }

    /// Opens the stream of server-sent events at `path`.
    pub(crate) async fn listen(&self, path: &str) -> Result<Events> {
        self.client.listen(&self.endpoint, path).await
    }
}
