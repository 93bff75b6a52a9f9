//! Clicks of one visitor that overlap.

use std::{cell::Cell, collections::BTreeSet, path::PathBuf, time::Duration};

use anyhow::Result;
use futures_util::future::try_join_all;
use testkit::{Endpoint, Response};
use tokio::sync::oneshot;

use super::site::Site;
use crate::checker::Visitor;

/// The meaning of clicks that have [read too early](Clicks::has_read_too_early).
pub(super) const TOO_EARLY: &str = "one change began when the other one was done, but its click had read the session before the other click wrote it. Take the lock before you read, and release it after the write";

/// How long to wait for a change that should not begin.
pub(super) const GRACE: Duration = Duration::from_millis(250);

/// Clicks of one visitor at the same time, and what they led to.
pub(super) struct Clicks {
    pub(super) seen: Vec<Response>,
    /// Whether a change began before another one was done.
    pub(super) overlapped: bool,
    /// The files that were beside the sessions during the first change.
    pub(super) files: Vec<PathBuf>,
}

impl Clicks {
    /// Clicks at both endpoints at the same time.
    pub(super) async fn two(
        site: &Site,
        visitor: &Visitor<'_>,
        endpoints: [&Endpoint; 2],
    ) -> Result<Self> {
        let prices = &site.prices;
        let clicks = endpoints.map(async |endpoint| visitor.clone().at(endpoint).get("/").await);
        let overlapped = Cell::new(false);
        let plan = async {
            let first = prices.change().await?;
            let second = prices.change_within(GRACE).await?;
            overlapped.set(second.is_some());
            drop((first, second));
            prices.answer().await
        };
        let seen = prices.plan(try_join_all(clicks), plan).await?;
        Ok(Self {
            seen,
            overlapped: overlapped.get(),
            files: Vec::new(),
        })
    }

    /// Clicks twice at the same time. Clicks once more when the first change is done and the second one has begun.
    pub(super) async fn three(
        site: &Site,
        visitor: &Visitor<'_>,
        endpoints: [&Endpoint; 3],
    ) -> Result<Self> {
        let prices = &site.prices;
        let (go, wait) = oneshot::channel();
        let [mut first, mut second, mut third] = endpoints.map(|endpoint| {
            let mut tab = visitor.clone();
            tab.at(endpoint);
            tab
        });
        let third = async {
            // An error means that the check ends.
            let _ = wait.await;
            third.get("/").await
        };
        let clicks = async { tokio::try_join!(first.get("/"), second.get("/"), third) };
        let (overlapped, files) = (Cell::new(false), Cell::default());
        let plan = async {
            let inside = prices.change().await?;
            files.set(site.lock_files()?);
            // Until the second click waits for the lock.
            let early = prices.change_within(GRACE).await?;
            drop(inside);
            let inside = match early {
                Some(early) => early,
                None => prices.change().await?,
            };
            let _ = go.send(());
            let early = prices.change_within(GRACE).await?;
            overlapped.set(early.is_some());
            drop((inside, early));
            prices.answer().await
        };
        let (first, second, third) = prices.plan(clicks, plan).await?;
        Ok(Self {
            seen: vec![first, second, third],
            overlapped: overlapped.get(),
            files: files.take(),
        })
    }

    pub(super) fn has_lost(&self) -> bool {
        has_lost(&self.seen)
    }

    /// Returns whether a click was lost although its change began when the other one was done.
    pub(super) fn has_read_too_early(&self) -> bool {
        self.has_lost() && !self.overlapped
    }
}

/// Returns whether two clicks of one visitor got the same count. Then one of them has undone the other.
pub(super) fn has_lost(seen: &[Response]) -> bool {
    let counts: Vec<_> = seen.iter().filter_map(Response::count).collect();
    counts.iter().collect::<BTreeSet<_>>().len() < counts.len()
}
