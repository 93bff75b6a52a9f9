//! Sends requests to the attendee's work.

use anyhow::{Result, bail};
use testkit::{Endpoint, Events, Response, Visitor};
use tokio::time::timeout;

use super::{
    Checker, expect_counts,
    observe::{RESPONSE_LIMIT, no_response_within},
};
use crate::finding::Finding;

impl Checker {
    /// Requests `path` as `visitor`.
    pub async fn visit(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
    ) -> Result<Response> {
        let request = visitor.get(endpoint, path);
        self.observe(&format!("GET {path}"), request).await
    }

    /// Requests `/` so many `times` as `visitor`.
    pub async fn visits(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        times: usize,
    ) -> Result<Vec<Response>> {
        let mut seen = Vec::new();
        for _ in 0..times {
            seen.push(self.visit(visitor, endpoint, "/").await?);
        }
        Ok(seen)
    }

    /// Requests `/` once for each of `counts` as `visitor`, and expects these counts.
    pub async fn expect_visits(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        counts: &[u64],
    ) -> Result<()> {
        let seen = self.visits(visitor, endpoint, counts.len()).await?;
        expect_counts(&seen, counts)
    }

    /// Posts `form` to `path` as `visitor`.
    pub async fn post(
        &self,
        visitor: &mut Visitor,
        endpoint: &Endpoint,
        path: &str,
        form: &str,
    ) -> Result<Response> {
        let request = visitor.post(endpoint, path, form);
        self.observe(&format!("POST {path}"), request).await
    }

    /// Opens the stream of events at `path` as `visitor`.
    pub async fn listen(
        &self,
        visitor: &Visitor,
        endpoint: &Endpoint,
        path: &str,
    ) -> Result<Events> {
        let observed = match timeout(RESPONSE_LIMIT, visitor.listen(endpoint, path)).await {
            Ok(Ok(events)) => return Ok(events),
            Ok(Err(error)) => self.panic().unwrap_or_else(|| format!("{error:#}")),
            Err(_) => no_response_within(RESPONSE_LIMIT),
        };
        let expected = format!("a stream of events at {path}");
        bail!(Finding::new(expected, observed, "visitors cannot listen"))
    }

    /// Waits for the next event of a stream and returns its data.
    pub async fn next_event(&self, events: &mut Events) -> Result<String> {
        let observed = match timeout(RESPONSE_LIMIT, events.next()).await {
            Ok(Ok(Some(data))) => return Ok(data),
            Ok(Ok(None)) => "the stream has ended".to_owned(),
            Ok(Err(error)) => self.panic().unwrap_or_else(|| format!("{error:#}")),
            Err(_) => format!("nothing within {} s", RESPONSE_LIMIT.as_secs()),
        };
        let meaning = "the program doesn't hand out a message that arrived on the channel";
        bail!(Finding::new(
            "an event for each listener",
            observed,
            meaning
        ))
    }
}
