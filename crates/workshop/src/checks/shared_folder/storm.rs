//! Many clicks at the same time. Each change is short, so that the moments around it count.

use anyhow::{Result, bail};
use futures_util::future::try_join_all;
use testkit::{Endpoint, Instance, Response};

use super::{overlap::has_lost, site::Site};
use crate::checker::{Checker, Finding, Visitor};

/// The number of tabs that each visitor has at each instance.
const TABS: usize = 3;

/// The number of clicks in each tab.
const CLICKS: usize = 20;

/// Expects that each click is counted, with another folder and other instances than before.
pub(super) async fn check(checker: &Checker) -> Result<()> {
    let site = Site::start(checker, ["app-3", "app-4"], "sessions-2").await?;
    site.prices.during(click_in_tabs(checker, &site)).await
}

async fn click_in_tabs(checker: &Checker, site: &Site) -> Result<()> {
    let endpoints = site.apps.each_ref().map(Instance::endpoint);
    let mut visitors = [
        checker.visitor(&endpoints[0]),
        checker.visitor(&endpoints[1]),
    ];
    for visitor in &mut visitors {
        visitor.expect(&[0]).await?;
    }
    let clicks = CLICKS * TABS * endpoints.len();
    checker.log(&format!(
        "two visitors click {clicks} times each, in many tabs"
    ));
    let seen = visitors.iter().map(|visitor| click(visitor, &endpoints));
    for seen in try_join_all(seen).await? {
        if let Some(failed) = seen.iter().find(|seen| seen.status != 200) {
            let meaning = "one of many clicks at once failed. If it logged a reason, it is in the program's log";
            bail!(Finding::about(failed, "a count for each click", meaning));
        }
        if has_lost(&seen) {
            let counted = seen.iter().filter_map(Response::count).max().unwrap_or(0);
            let expected = format!("{clicks} clicks counted");
            let observed = format!("{counted} counted");
            let meaning = "two slow clicks wait for each other, but of many quick ones some are lost. Is there a moment when a click has no lock, but has not written? Take the lock before you read, and release it after the write";
            bail!(Finding::new(expected, observed, meaning));
        }
    }
    Ok(())
}

/// Lets `visitor` click in all tabs at the same time.
async fn click(visitor: &Visitor<'_>, endpoints: &[Endpoint; 2]) -> Result<Vec<Response>> {
    let tabs = endpoints.iter().flat_map(|endpoint| [endpoint; TABS]);
    let seen = tabs.map(async |endpoint| -> Result<Vec<Response>> {
        let mut tab = visitor.client.clone();
        let mut seen = Vec::new();
        for _ in 0..CLICKS {
            seen.push(tab.get(endpoint, "/").await?);
        }
        Ok(seen)
    });
    Ok(try_join_all(seen).await?.concat())
}
