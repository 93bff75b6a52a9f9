//! Visitors who click, and slow requests, while the script runs.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use futures_util::future::{join, join_all};
use testkit::{Endpoint, Response, Visitor};
use tokio::time::sleep;

/// The number of visitors who click.
const CLICKERS: u32 = 8;

/// The number of visitors whose requests are slow. So each instance has some in flight, whenever it is stopped.
const PATIENT: u32 = 10;

/// The time between two clicks of a visitor.
const PACE: Duration = Duration::from_millis(40);

/// A stopping instance waits 2 seconds for requests in flight.
const SLOW: &str = "/slow?for=1s";
const SLOW_TIME: Duration = Duration::from_secs(1);

/// The responses that the visitors got.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) requests: usize,
    /// The number of failed requests by their status, or by 0 if there was no response.
    failures: BTreeMap<u16, usize>,
    /// The first count that didn't go on from the one before it, after that one. Failed requests may count or not.
    pub(super) lost: Option<(u64, u64)>,
}

impl Load {
    pub(super) fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Returns whether a request failed because HAProxy had no instance for it.
    pub(super) fn had_no_instance(&self) -> bool {
        self.failures.contains_key(&503)
    }

    /// Describes the failed requests, as in `3 of 40 requests failed: 2 with 502, 1 with 503`.
    pub(super) fn in_words(&self) -> String {
        let ways: Vec<_> = self
            .failures
            .iter()
            .map(|(status, times)| match status {
                0 => format!("{times} without a response"),
                _ => format!("{times} with {status}"),
            })
            .collect();
        let (failed, requests) = (self.failed(), self.requests);
        let ways = if ways.is_empty() {
            String::new()
        } else {
            format!(": {}", ways.join(", "))
        };
        format!("{failed} of {requests} requests failed{ways}")
    }

    fn note(&mut self, seen: &Result<Response>, is_right: impl Fn(&Response) -> bool) {
        self.requests += 1;
        let status = match seen {
            Ok(seen) if is_right(seen) => return,
            Ok(seen) => seen.status,
            Err(_) => 0,
        };
        *self.failures.entry(status).or_default() += 1;
    }
}

/// The visitors, each with a session.
pub(super) struct Crowd {
    endpoint: Endpoint,
    /// Each with the last count.
    clickers: Vec<(Visitor, u64)>,
    patient: Vec<Visitor>,
}

impl Crowd {
    /// Lets each visitor come once.
    pub(super) async fn arrive(endpoint: Endpoint) -> Result<Self> {
        let (mut clickers, mut patient) = (Vec::new(), Vec::new());
        for number in 0..CLICKERS + PATIENT {
            let mut visitor = Visitor::new();
            let seen = visitor.get(&endpoint, "/api/counter").await?;
            let count = seen
                .count()
                .with_context(|| format!("no count: {seen:?}"))?;
            ensure!(count == 1, "a new visitor begins at {count}");
            if number < CLICKERS {
                clickers.push((visitor, count));
            } else {
                patient.push(visitor);
            }
        }
        Ok(Self {
            endpoint,
            clickers,
            patient,
        })
    }

    /// Lets the visitors send requests until `over`.
    pub(super) async fn until(self, over: &Cell<bool>) -> Load {
        let load = RefCell::new(Load::default());
        let endpoint = &self.endpoint;
        let clicks = self
            .clickers
            .into_iter()
            .map(async |(mut visitor, mut last)| {
                while !over.get() {
                    let seen = visitor.get(endpoint, "/api/counter").await;
                    load.borrow_mut().note(&seen, |seen| seen.count().is_some());
                    if let Some(count) = seen.ok().and_then(|seen| seen.count()) {
                        if count != last + 1 {
                            load.borrow_mut().lost.get_or_insert((last, count));
                        }
                        last = count;
                    }
                    sleep(PACE).await;
                }
            });
        let slow = (0..).zip(self.patient).map(async |(number, mut visitor)| {
            // They don't all begin at once.
            sleep(SLOW_TIME * number / PATIENT).await;
            while !over.get() {
                let seen = visitor.post(endpoint, SLOW, "").await;
                load.borrow_mut().note(&seen, |seen| seen.status == 204);
                sleep(PACE).await;
            }
        });
        join(join_all(clicks), join_all(slow)).await;
        load.into_inner()
    }
}
