//! An instance that stops in the middle of a click: it stands still for a while, and then it is killed.

use std::{cell::Cell, time::Duration};

use anyhow::{Result, bail};
use testkit::Instance;
use tokio::time::{sleep, timeout};

use super::{overlap::has_lost, site::Site};
use crate::checker::{Checker, Finding, RESPONSE_LIMIT, Visitor, summary};

/// How long an instance stands still: longer than a lock with a short time limit would wait.
const STANDSTILL: Duration = Duration::from_millis(3500);

/// The longest time that a click may take after the end of an instance.
const RELEASE_LIMIT: Duration = Duration::from_millis(1500);

pub(super) async fn check(checker: &Checker, site: &mut Site, visitor: &Visitor<'_>) -> Result<()> {
    Box::pin(expect_order(checker, site, visitor)).await?;
    expect_release(checker, site, visitor).await
}

/// Freezes app-1 while it has the lock. Expects that only the visitor of that click waits at app-2, and until app-1 is
/// done.
async fn expect_order(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    let (mut first, mut second) = (visitor.clone(), visitor.clone());
    let mut other = checker.visitor(&there);
    let click = async |visitor: &mut Visitor<'_>, endpoint| {
        let request = visitor.client.get(endpoint, "/");
        let limit = STANDSTILL + RESPONSE_LIMIT;
        checker.observe(limit, "GET /", request).await
    };
    let goes_on = Cell::new(false);
    let while_frozen = async {
        let change = site.prices.change().await?;
        site.apps[0].freeze()?;
        checker.log("app-1 stands still in the middle of a click");
        let clicks = async {
            let other = async {
                let answer = click(&mut other, &there).await;
                (answer, !goes_on.get())
            };
            tokio::join!(click(&mut second, &there), other)
        };
        let thaw = async {
            sleep(STANDSTILL).await;
            goes_on.set(true);
            checker.log("app-1 goes on");
            site.apps[0].thaw()?;
            drop(change);
            anyhow::Ok(())
        };
        let clicks = async { anyhow::Ok(clicks.await) };
        let both = Box::pin(async { tokio::try_join!(clicks, thaw) });
        let ((second, (other, in_time)), ()) = Box::pin(site.prices.during(both)).await?;
        other?;
        Ok((second?, in_time))
    };
    let (first, (second, in_time)) = tokio::try_join!(click(&mut first, &here), while_frozen)?;
    if !in_time {
        let observed = format!("no answer for {} s", STANDSTILL.as_secs_f32());
        let meaning =
            "one visitor waits for the click of another. Give each session a lock of its own";
        let expected = "an answer for another visitor, at app-2";
        bail!(Finding::new(expected, observed, meaning).at(Some("app-2")));
    }
    let seen = [first, second];
    if !has_lost(&seen) {
        return Ok(());
    }
    let expected = "a count of its own for each of two clicks";
    let meaning = "app-2 did not wait until app-1 was done. A process that stands still goes on later and writes what it has computed. So no other process may take its lock, however long that takes";
    bail!(Finding::new(expected, summary(&seen), meaning))
}

/// Kills app-1 while it has the lock. Expects that the visitor can click at app-2.
async fn expect_release(checker: &Checker, site: &mut Site, visitor: &Visitor<'_>) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    let (mut first, mut second) = (visitor.clone(), visitor.clone());
    let kill = async {
        let _change = site.prices.change().await?;
        site.apps[0].kill().await
    };
    // The click itself has no response.
    let (killed, _) = tokio::join!(kill, first.client.get(&here, "/"));
    killed?;
    checker.log("app-1 is killed in the middle of a click");
    let click = site.prices.during(second.at(&there).get("/"));
    if let Ok(seen) = timeout(RELEASE_LIMIT, click).await {
        let seen = seen?;
        if seen.count().is_some() {
            return Ok(());
        }
        let meaning = "app-1 has been killed in the middle of a click, and now the visitor gets an error at app-2";
        bail!(Finding::about(&seen, "a count from app-2", meaning));
    }
    let observed = format!("no response within {} s", RELEASE_LIMIT.as_secs_f32());
    let meaning = "app-1 has been killed in the middle of a click, and now the visitor's clicks wait at app-2. Does a file mean that the session is locked? It stays when its process is killed. The system itself releases the lock on an open file";
    bail!(Finding::new("a count from app-2", observed, meaning).at(Some("app-2")))
}
