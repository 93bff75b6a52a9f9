//! Records what a crowd saw during an action: failed requests, and visits that were lost or counted twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::Result;
use testkit::Response;

use crate::expect::status_in_words;

/// Records what a crowd saw during an action.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    /// The number of failed requests by their status, or by `no response`.
    pub(crate) failures: BTreeMap<String, u64>,
    /// How many visits are missing from a count, although a visitor had seen them counted before.
    pub(crate) lost: u64,
    /// The visitors who lost a visit.
    pub(crate) losers: BTreeSet<usize>,
    /// How many visits were counted that no visitor has made.
    pub(crate) repeated: u64,
    /// The time of the slowest response.
    pub(crate) slowest: Duration,
    /// The time from the start of the first failed request to the end of the last one. It is zero if none failed.
    pub(crate) failing_for: Duration,
    /// When the first failed request was sent.
    first_failure: Option<Instant>,
    /// The names of the instances that answered.
    pub(crate) instances: BTreeSet<String>,
}

/// The responses that a visitor got so far.
#[derive(Debug)]
pub(super) struct History {
    /// The count in the last response that had one.
    last: u64,
    /// The requests that failed since then. Each of them may have been counted.
    uncertain: u64,
}

impl Load {
    /// Returns how many requests failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Records the response to a request of the visitor `number`. If the request failed, returns how.
    pub(super) fn note(
        &mut self,
        number: usize,
        history: &mut History,
        sent: Instant,
        response: &Result<Response>,
    ) -> Option<String> {
        self.requests += 1;
        let failure = match response {
            Err(_) => "no response".to_owned(),
            Ok(seen) => {
                self.slowest = self.slowest.max(seen.took);
                match seen.count() {
                    Some(count) => {
                        self.instances.extend(seen.instance.clone());
                        let (lost, repeated) = history.next(count);
                        self.lost += lost;
                        self.repeated += repeated;
                        self.losers.extend((lost > 0).then_some(number));
                        return None;
                    }
                    None if seen.status == 200 => "200 without a count".to_owned(),
                    None => status_in_words(seen),
                }
            }
        };
        history.uncertain += 1;
        self.failing_for = self.first_failure.get_or_insert(sent).elapsed();
        *self.failures.entry(failure.clone()).or_default() += 1;
        Some(failure)
    }

    /// Returns what the crowd saw, in sentences.
    pub(crate) fn in_words(&self, visitors: usize) -> String {
        let failures = self.failures.iter();
        let failures: Vec<_> = failures
            .map(|(how, times)| format!("{times} with {how}"))
            .collect();
        let failed = match self.failed() {
            0 => "none failed".to_owned(),
            failed => {
                let how = failures.join(", ");
                let millis = self.failing_for.as_millis();
                format!("{failed} failed ({how}) within {millis} ms")
            }
        };
        let visitors = match visitors {
            1 => "a visitor".to_owned(),
            visitors => format!("{visitors} visitors"),
        };
        format!(
            "Meanwhile {visitors} sent {} requests: {failed}. Instances that answered: {}. \
             The slowest response took {} ms.",
            self.requests,
            self.instances.len(),
            self.slowest.as_millis()
        )
    }
}

impl From<u64> for History {
    /// Begins with the first count that the visitor saw.
    fn from(count: u64) -> Self {
        Self {
            last: count,
            uncertain: 0,
        }
    }
}

impl History {
    /// Records the next count that the visitor saw. Returns how many visits were lost, and how many were counted that
    /// the visitor has not made.
    fn next(&mut self, count: u64) -> (u64, u64) {
        let uncertain = std::mem::take(&mut self.uncertain);
        let last = std::mem::replace(&mut self.last, count);
        let (lowest, highest) = (last + 1, last + 1 + uncertain);
        (lowest.saturating_sub(count), count.saturating_sub(highest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first count that a visitor saw, and the following responses: a count, or none.
    type Seen = (u64, &'static [Option<u64>]);

    #[test]
    fn each_lost_and_each_repeated_visit_is_counted() {
        let cases: [(Seen, (u64, u64)); 7] = [
            ((0, &[Some(1), Some(2)]), (0, 0)),
            // A failed request may count, or not.
            ((4, &[None, Some(5)]), (0, 0)),
            ((4, &[None, Some(6)]), (0, 0)),
            ((4, &[None, Some(7)]), (0, 1)),
            ((4, &[Some(5), Some(5), Some(6)]), (1, 0)),
            ((4, &[Some(6), Some(7)]), (0, 1)),
            // The session starts again: the visits 0 to 4 are lost.
            ((4, &[Some(0), Some(1)]), (5, 0)),
        ];
        for ((first, seen), expected) in cases {
            let mut history = History::from(first);
            let mut sum = (0, 0);
            for count in seen {
                match count {
                    Some(count) => {
                        let (lost, repeated) = history.next(*count);
                        sum = (sum.0 + lost, sum.1 + repeated);
                    }
                    None => history.uncertain += 1,
                }
            }
            assert_eq!(sum, expected, "{seen:?}");
        }
    }
}
