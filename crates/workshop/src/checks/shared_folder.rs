//! Exercise 13: two instances change the sessions in one folder.
//!
//! A right solution has these properties:
//!
//! - Of several clicks of one visitor at the same time, each is counted, at one instance and at two.
//! - A click that comes while others wait waits too. So the lock is on a file that stays.
//! - A click that cannot take its lock is an error and not a click without a lock.
//! - A logout during a click waits for it, and ends the session. It leaves the lock to the clicks that wait too.
//! - A session that cannot be read, written or removed is an error for the visitor.
//! - A visitor doesn't wait for another visitor's click.
//! - A process that stands still keeps its lock, and a killed one doesn't.
//! - A new file replaces the session's file, so a reader never sees half a session.
//!
//! The check decides how long a change takes. It takes about six seconds, because a process has to stand still
//! for longer than a lock with a time limit would wait.

mod errors;
mod lock_files;
mod logout;
mod overlap;
mod pairs;
mod price_server;
mod site;
mod stopped;
mod storm;

use anyhow::{Result, bail};
use testkit::Instance;

use self::{
    overlap::{Clicks, TOO_EARLY},
    site::Site,
};
use super::session_file::expect_replaced;
use crate::checker::{Checker, Finding, Visitor, summary};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let mut site = Site::start(checker, ["app-1", "app-2"], "sessions-1").await?;
    let mut visitor = checker.visitor(&site.apps[0].endpoint());
    site.prices.during(visitor.expect(&[0])).await?;
    pairs::check(checker, &site, &visitor).await?;
    expect_third(checker, &site, &visitor).await?;
    lock_files::check(checker, &site, &visitor).await?;
    logout::check(checker, &site, &visitor).await?;
    expect_whole(checker, &site, &mut visitor).await?;
    errors::check(checker, &site, &visitor).await?;
    logout::expect_order_after(checker, &site, &visitor).await?;
    // Together, because one of them mostly waits.
    tokio::try_join!(
        Box::pin(stopped::check(checker, &mut site, &visitor)),
        Box::pin(storm::check(checker))
    )?;
    Ok(())
}

/// Expects that a click is counted which comes while the second of two clicks has the lock.
async fn expect_third(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    checker.log("two clicks at once, and a third one during the second change");
    let clicks = Clicks::three(site, visitor, [&here, &there, &here]).await?;
    if !clicks.has_lost() {
        return Ok(());
    }
    let meaning = if clicks.has_read_too_early() {
        TOO_EARLY
    } else if clicks.files.iter().any(|file| !file.exists()) {
        "a click is lost. A file beside the session is there during a change and gone afterwards. If it is removed while another click waits for its lock, the next click creates it again and locks another file"
    } else {
        "a click is lost, although two clicks at once are both counted. Is the lock on the session's file? A change puts another file in its place, and the next click locks that one. Lock a file that stays"
    };
    let expected = "a count of its own for each of three clicks";
    bail!(Finding::new(expected, summary(&clicks.seen), meaning))
}

/// Expects that a new file replaces the session's file.
async fn expect_whole(checker: &Checker, site: &Site, visitor: &mut Visitor<'_>) -> Result<()> {
    let path = site.path_of(visitor)?;
    if path.exists() {
        let replaced = expect_replaced(checker, &path, visitor);
        return site.prices.during(replaced).await;
    }
    let expected = "the session in a file <id>.json in SESSION_DIR";
    let meaning = "other instances look for the session there";
    bail!(Finding::new(expected, "no such file", meaning))
}
