//! A logout while a click is being counted.

use anyhow::{Result, bail};
use testkit::Instance;
use tokio::{sync::oneshot, time::sleep};

use super::{overlap::GRACE, site::Site};
use crate::checker::{Checker, Finding, Visitor};

/// Expects that the session has ended after the logout and the click.
pub(super) async fn check(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    let (mut tab, mut leaving) = (visitor.clone(), visitor.clone());
    checker.log("a click at app-1, and a logout at app-2 before the change is done");
    let (go, wait) = oneshot::channel();
    let requests = async {
        tokio::try_join!(tab.at(&here).get("/"), async {
            // An error means that the check ends.
            let _ = wait.await;
            leaving.at(&there).post("/logout", "").await
        })
    };
    let plan = async {
        let change = site.prices.change().await?;
        let _ = go.send(());
        // Until the logout waits, or is done.
        sleep(GRACE).await;
        drop(change);
        site.prices.answer().await
    };
    let (_, logout) = site.prices.plan(requests, plan).await?;
    if logout.status >= 400 {
        let meaning = "the logout failed. A click at the same time should only delay it";
        bail!(Finding::about(&logout, "a logout", meaning));
    }
    let mut copy = visitor.clone();
    let visit = copy.at(&there).get("/");
    let seen = site.prices.during(visit).await?;
    if seen.count() == Some(0) {
        return Ok(());
    }
    let meaning = "the logout succeeded, but then the click wrote the session back. A logout is a change too: it has to wait for a click that has begun";
    bail!(Finding::about(&seen, "Hello World #0", meaning))
}
