//! A visitor to the attendee's work.

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::{Endpoint, Events, Response};
use tokio::time::timeout;

use super::{
    Checker, expect_counts,
    observe::{RESPONSE_LIMIT, no_response_within},
};
use crate::finding::Finding;

/// The time after which no further event is expected.
const SILENCE: Duration = Duration::from_secs(2);

/// A client with its own cookie jar, whose requests are steps of the check. A clone has a copy of the jar.
#[derive(Clone)]
pub(crate) struct Visitor<'a> {
    checker: &'a Checker,
    /// Sends requests that are not recorded.
    pub(crate) client: testkit::Visitor,
    endpoint: Endpoint,
}

impl Checker {
    /// Creates a visitor of `endpoint` without cookies.
    pub(crate) fn visitor(&self, endpoint: &Endpoint) -> Visitor<'_> {
        Visitor {
            checker: self,
            client: testkit::Visitor::new(),
            endpoint: endpoint.clone(),
        }
    }
}

impl Visitor<'_> {
    /// Sends the next requests to `endpoint`.
    pub(crate) fn at(&mut self, endpoint: &Endpoint) -> &mut Self {
        self.endpoint = endpoint.clone();
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Response> {
        let (what, request) = (format!("GET {path}"), self.client.get(&self.endpoint, path));
        self.checker.observe(RESPONSE_LIMIT, &what, request).await
    }

    /// Requests `/` so many `times`.
    pub(crate) async fn visits(&mut self, times: usize) -> Result<Vec<Response>> {
        let mut seen = Vec::new();
        for _ in 0..times {
            seen.push(self.get("/").await?);
        }
        Ok(seen)
    }

    /// Requests `/` once for each of `counts`, and expects these counts.
    pub(crate) async fn expect(&mut self, counts: &[u64]) -> Result<()> {
        let seen = self.visits(counts.len()).await?;
        expect_counts(&seen, counts)
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Result<Response> {
        let request = self.client.post(&self.endpoint, path, form);
        let what = format!("POST {path}");
        self.checker.observe(RESPONSE_LIMIT, &what, request).await
    }

    pub(crate) async fn post_json(&mut self, path: &str, json: &str) -> Result<Response> {
        let request = self.client.post_json(&self.endpoint, path, json);
        let what = format!("POST {path}");
        self.checker.observe(RESPONSE_LIMIT, &what, request).await
    }

    /// Visits each of `endpoints` with a copy of these cookies. Returns the first response that greets `user`.
    pub(crate) async fn greeted(
        &self,
        user: &str,
        endpoints: &[Endpoint],
    ) -> Result<Option<Response>> {
        for endpoint in endpoints {
            let seen = self.clone().at(endpoint).get("/").await?;
            if seen.body.starts_with(&format!("Hello {user}")) {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }

    /// Opens the stream of events at `path`.
    pub(crate) async fn listen(&self, path: &str) -> Result<Events> {
        let request = self.client.listen(&self.endpoint, path);
        let observed = match timeout(RESPONSE_LIMIT, request).await {
            Ok(Ok(events)) => return Ok(events),
            Ok(Err(error)) => self.checker.explain(&error),
            Err(_) => no_response_within(RESPONSE_LIMIT),
        };
        let expected = format!("a stream of events at {path}");
        bail!(Finding::new(expected, observed, "visitors cannot listen"))
    }
}

impl Checker {
    /// Waits for the next event of a stream and returns its data, or `None` if there is none for a while.
    pub(crate) async fn next_event(&self, events: &mut Events) -> Result<Option<String>> {
        let observed = match timeout(SILENCE, events.next()).await {
            Ok(Ok(Some(data))) => return Ok(Some(data)),
            Err(_) => return Ok(None),
            Ok(Ok(None)) => "the stream has ended".to_owned(),
            Ok(Err(error)) => self.explain(&error),
        };
        let expected = "a stream that stays open";
        let meaning = "the visitor still listens, but gets no more messages";
        bail!(Finding::new(expected, observed, meaning))
    }

    /// Returns the panic that may have caused `error`, or `error`.
    fn explain(&self, error: &anyhow::Error) -> String {
        self.panic().unwrap_or_else(|| format!("{error:#}"))
    }
}
