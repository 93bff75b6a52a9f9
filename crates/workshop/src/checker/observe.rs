//! Waits for responses, records them, and explains why one is missing.

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::{Response, wait_until};
use tokio::time::timeout;

use super::{
    Checker,
    logs::{last_error, panic_in},
    process::{cpu_time, is_running},
};
use crate::{finding::Finding, wrap::shortened};

/// The longest time that a response may take.
pub(crate) const RESPONSE_LIMIT: Duration = Duration::from_secs(3);

/// How many columns of a response a step shows.
const SHOWN_WIDTH: usize = 26;

impl Checker {
    /// Waits for the response to `request` and records it. `what` describes the request.
    pub(crate) async fn observe(
        &self,
        limit: Duration,
        what: &str,
        request: impl Future<Output = Result<Response>>,
    ) -> Result<Response> {
        let cpu_before = self.cpu_time();
        let Ok(seen) = timeout(limit, self.response(what, request)).await else {
            let expected = format!("a response to {what}");
            let meaning = self.why_stuck(cpu_before);
            bail!(Finding::new(expected, no_response_within(limit), meaning));
        };
        self.record(what, seen?)
    }

    /// Waits for the response to `request`, and explains why there is none. Records nothing, and has no limit.
    pub(crate) async fn response(
        &self,
        what: &str,
        request: impl Future<Output = Result<Response>>,
    ) -> Result<Response> {
        let error = match request.await {
            Ok(seen) => return Ok(seen),
            Err(error) => error,
        };
        let (observed, meaning) = if let Some(panic) = self.panic() {
            (panic, "the program panicked")
        } else if let Some(name) = self.ended_app().await {
            let meaning = "the program ended in the middle of a request";
            (format!("the end of {name}"), meaning)
        } else {
            let meaning = "the connection ended without a response";
            (format!("{error:#}"), meaning)
        };
        let expected = format!("a response to {what}");
        bail!(Finding::new(expected, observed, meaning))
    }

    /// Records a response, and the logged error if the server failed.
    pub(crate) fn record(&self, what: &str, seen: Response) -> Result<Response> {
        let line = seen.body.lines().next().unwrap_or_default();
        let shown = if seen.status == 200 {
            shortened(line, SHOWN_WIDTH)
        } else {
            seen.status.to_string()
        };
        let by = seen.instance.as_deref().unwrap_or_default();
        let session = seen.session.as_deref().unwrap_or_default();
        self.log(format!("{what:<24} {shown:<SHOWN_WIDTH$} {by:<8} {session}").trim_end());
        if seen.status < 500 {
            return Ok(seen);
        }
        if let Some(panic) = self.panic() {
            let expected = format!("a response to {what}");
            let finding = Finding::new(expected, panic, "the program panicked");
            bail!(finding.at(seen.instance.as_deref()));
        }
        // HAProxy's own responses don't name an instance, so any of them may have failed.
        let name = seen.instance.clone();
        let names = name.map_or_else(|| self.app_names(), |name| vec![name]);
        let log: String = names.iter().map(|name| self.app_log(name)).collect();
        for line in last_error(&log) {
            // The same error is recorded once, even if each request fails for that reason.
            if !self.steps().contains(&line) {
                self.log(&line);
            }
        }
        Ok(seen)
    }

    fn app_names(&self) -> Vec<String> {
        self.apps.borrow().keys().cloned().collect()
    }

    /// Returns the log of the instance called `name`, if there is one.
    fn app_log(&self, name: &str) -> String {
        let log = std::fs::read(self.env.path().join("logs").join(format!("{name}.log")));
        String::from_utf8_lossy(&log.unwrap_or_default()).into_owned()
    }

    /// Returns the first panic in the logs of the attendee's programs.
    pub(super) fn panic(&self) -> Option<String> {
        self.app_names()
            .iter()
            .find_map(|name| panic_in(&self.app_log(name)))
    }

    /// Returns the first program that has ended by itself. A program may close its connections a moment before it ends.
    async fn ended_app(&self) -> Option<String> {
        let apps = self.apps.borrow().clone();
        let find = async || Ok(apps.iter().find(|(_, pid)| !is_running(**pid)));
        let ended = wait_until("the end of a program", Duration::from_millis(300), find).await;
        Some(ended.ok()?.0.clone())
    }

    /// Returns the CPU time that the attendee's programs have used so far.
    pub(super) fn cpu_time(&self) -> Duration {
        self.apps.borrow().values().map(|pid| cpu_time(*pid)).sum()
    }

    /// Explains why a program doesn't respond: by the CPU time that it has used since `cpu_before`.
    pub(super) fn why_stuck(&self, cpu_before: Duration) -> &'static str {
        if self.cpu_time().saturating_sub(cpu_before) >= Duration::from_secs(1) {
            "it computes all the time. Is there an endless loop?"
        } else {
            "it waits and does nothing. Does it wait for a lock that it holds already, or for something that never happens?"
        }
    }
}

pub(super) fn no_response_within(limit: Duration) -> String {
    format!("no response within {} s", limit.as_secs())
}
