//! A crowd: many visitors who click at the same time, and check every count.
//!
//! - [`Crowd`]: the visitors; their counts go on from one action to the next
//! - `load`: what they saw during an action

mod load;

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use testkit::Endpoint;
use tokio::time::{Instant as Time, MissedTickBehavior, interval_at, sleep};

use crate::{narrator::Narrator, visitor::Visitor};

use load::History;
pub(crate) use load::Load;

/// The time from one click of a visitor to the next, unless the response takes longer.
const PACE: Duration = Duration::from_millis(100);

/// The pause after a response of 429, as its `Retry-After` says.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The longest time after an action until every visitor is served again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Visitors who each send one request after the other. Each has its own session, and opens a connection for each
/// request.
pub(crate) struct Crowd {
    clickers: Vec<Clicker>,
    /// A page that counts the visits of a session: `/` of the counter application, `/api/counter` of the login.
    path: &'static str,
}

/// A visitor, and what the visitor knows of the count.
struct Clicker {
    visitor: Visitor,
    history: History,
}

impl Crowd {
    /// Creates `size` visitors of `endpoint`. Each of them visits `path` once.
    pub(crate) async fn arrive(
        endpoint: &Endpoint,
        path: &'static str,
        size: usize,
    ) -> Result<Self> {
        let visitors = (0..size).map(|_| Visitor::new(endpoint));
        Self::of(visitors.collect(), path).await
    }

    /// Makes a crowd of `visitors`, who may have a session. Each of them visits `path` once.
    pub(crate) async fn of(visitors: Vec<Visitor>, path: &'static str) -> Result<Self> {
        let size = visitors.len();
        let arrive = async |mut visitor: Visitor| {
            let mut seen = visitor.get(path).await?;
            // HAProxy may limit how many sessions one address begins in a second.
            for _ in 0..size {
                if seen.status != 429 {
                    break;
                }
                sleep(RETRY_AFTER).await;
                seen = visitor.get(path).await?;
            }
            let last = seen
                .count()
                .with_context(|| format!("no count: {seen:?}"))?;
            let history = History::from(last);
            anyhow::Ok(Clicker { visitor, history })
        };
        let clickers = try_join_all(visitors.into_iter().map(arrive)).await?;
        Ok(Self { clickers, path })
    }

    /// Returns the number of visitors.
    pub(crate) fn size(&self) -> usize {
        self.clickers.len()
    }

    /// Returns the visitors, for requests between two actions. A visit of the crowd's page between two actions would
    /// count as repeated.
    pub(crate) fn visitors(&mut self) -> impl Iterator<Item = &mut Visitor> {
        self.clickers.iter_mut().map(|clicker| &mut clicker.visitor)
    }

    /// Does `action` while the visitors click. Afterwards each of them clicks until a request succeeds.
    ///
    /// Returns an error if the action fails, or if a visitor is not served in the end. Accepts failed requests: check
    /// the [`Load`].
    pub(crate) async fn during<T>(
        &mut self,
        action: impl Future<Output = Result<T>>,
    ) -> Result<(T, Load)> {
        let load = RefCell::new(Load::default());
        let ended = Cell::new(None);
        let action = async {
            let outcome = action.await;
            ended.set(Some(Instant::now()));
            outcome
        };
        let size = u32::try_from(self.size())?;
        let path = self.path;
        let clicks = (0..size).zip(&mut self.clickers);
        let clicks = clicks.map(async |(number, clicker)| {
            // The visitors don't all click at once.
            let first = Time::now() + PACE * number / size;
            let mut pace = interval_at(first, PACE);
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                pace.tick().await;
                let ended: Option<Instant> = ended.get();
                let sent = Instant::now();
                let response = clicker.visitor.get(path).await;
                let mut load = load.borrow_mut();
                let history = &mut clicker.history;
                let failure = load.note(number as usize, history, sent, &response);
                match (ended, failure) {
                    (Some(_), None) => return Ok(()),
                    (Some(ended), Some(failure)) if ended.elapsed() > PATIENCE => {
                        bail!("a visitor still gets {failure}, {PATIENCE:?} after the action")
                    }
                    _ => {}
                }
            }
        });
        let (outcome, _) = tokio::try_join!(action, try_join_all(clicks))?;
        Ok((outcome, load.into_inner()))
    }
}

impl Narrator<'_> {
    /// Does `action` while `crowd` clicks, and narrates what the crowd saw. Accepts failed requests and lost visits:
    /// check the [`Load`], or call [`none_lost`](Self::none_lost).
    pub(crate) async fn with_crowd(
        &mut self,
        what: &str,
        crowd: &mut Crowd,
        action: impl Future<Output = Result<()>>,
    ) -> Result<Load> {
        let ((), load) = self.incident(what, crowd.during(action)).await?;
        self.say(&load.in_words(crowd.size()))?;
        Ok(load)
    }

    /// Does `action` while `crowd` clicks. Returns an error if a request failed, or a visit was lost or counted twice.
    pub(crate) async fn unnoticed(
        &mut self,
        what: &str,
        crowd: &mut Crowd,
        action: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        let load = self.with_crowd(what, crowd, action).await?;
        self.observe("failed requests", 0, load.failed())?;
        self.none_lost(&load)
    }

    /// Records whether each visit that a visitor of the crowd had seen counted is still counted, and once. If not,
    /// returns an error.
    pub(crate) fn none_lost(&mut self, load: &Load) -> Result<()> {
        let wrong = load.lost + load.repeated;
        self.observe("visits lost or counted twice", 0, wrong)
            .with_context(|| format!("{load:?}"))
    }
}
