//! A logout while a click is being counted.

use std::cell::Cell;

use anyhow::{Result, bail};
use testkit::Instance;
use tokio::{sync::oneshot, time::sleep};

use super::{
    overlap::{GRACE, has_lost},
    site::Site,
};
use crate::checker::{Checker, Finding, Visitor, summary};

/// Expects that the session has ended after the logout and the click, and that the logout has waited for the click.
pub(super) async fn check(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    let (mut tab, mut leaving) = (visitor.clone(), visitor.clone());
    checker.log("a click at app-1, and a logout at app-2 before the change is done");
    let (go, wait) = oneshot::channel();
    let (is_done, has_waited) = (Cell::new(false), Cell::new(false));
    let requests = async {
        tokio::try_join!(tab.at(&here).get("/"), async {
            // An error means that the check ends.
            let _ = wait.await;
            let logout = leaving.at(&there).post("/logout", "").await;
            is_done.set(true);
            logout
        })
    };
    let plan = async {
        let change = site.prices.change().await?;
        let _ = go.send(());
        // Until the logout waits, or is done.
        sleep(GRACE).await;
        has_waited.set(!is_done.get());
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
    if seen.count() != Some(0) {
        let meaning = "the logout succeeded, but then the click wrote the session back. A logout is a change too: it has to wait for a click that has begun";
        bail!(Finding::about(&seen, "Hello World #0", meaning));
    }
    if has_waited.get() {
        return Ok(());
    }
    let expected = "a logout that waits for the click";
    let observed = "a logout that is done before the click";
    let meaning = "the click did not write the session back this time. But if it looks first whether the session has ended, a logout can come between that look and the write. Only a logout that waits cannot";
    bail!(Finding::new(expected, observed, meaning).at(Some("app-2")))
}

/// Lets a logout and a second click wait for a click, and sends a third click during the change of the second one.
/// Expects that the third click waits too. Which of the logout and the second click comes before the other is open.
pub(super) async fn expect_order_after(
    checker: &Checker,
    site: &Site,
    visitor: &Visitor<'_>,
) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    let [mut first, mut leaving, mut second, mut third] = [(); 4].map(|()| visitor.clone());
    checker.log("a logout and a click wait for a click; a third click comes after the logout");
    let [
        (go_out, may_go),
        (go_second, may_click),
        (go_third, may_click_again),
    ] = [(); 3].map(|()| oneshot::channel::<()>());
    // An error of a channel means that the check ends.
    let requests = async {
        tokio::try_join!(
            first.at(&here).get("/"),
            async {
                let _ = may_go.await;
                leaving.at(&there).post("/logout", "").await
            },
            async {
                let _ = may_click.await;
                second.at(&there).get("/").await
            },
            async {
                let _ = may_click_again.await;
                third.at(&here).get("/").await
            },
        )
    };
    let plan = async {
        let change = site.prices.change().await?;
        let _ = go_out.send(());
        sleep(GRACE).await;
        let _ = go_second.send(());
        sleep(GRACE).await;
        drop(change);
        let change = site.prices.change().await?;
        let _ = go_third.send(());
        let early = site.prices.change_within(GRACE).await?;
        drop((change, early));
        site.prices.answer().await
    };
    let (_, _, second, third) = Box::pin(site.prices.plan(requests, plan)).await?;
    let seen = [second, third];
    if !has_lost(&seen) {
        return Ok(());
    }
    let expected = "a count of its own for each click after a logout";
    let meaning = "the logout removed the lock file while a click waited for its lock. The next click created the file again and locked another one, so both changed the session at once. The lock file has to stay";
    bail!(Finding::new(expected, summary(&seen), meaning))
}
