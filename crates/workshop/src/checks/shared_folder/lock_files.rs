//! Clicks that cannot open the files on which the locks are.

use std::fs;

use anyhow::{Result, bail};
use testkit::Instance;

use super::{overlap::Clicks, site::Site};
use crate::checker::{Checker, Finding, Visitor, summary};

/// Expects that no click is lost when a folder has the name of each lock file. The clicks may fail.
pub(super) async fn check(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let files = site.lock_files()?;
    if files.is_empty() {
        return Ok(());
    }
    for file in &files {
        fs::remove_file(file)?;
        fs::create_dir(file)?;
    }
    checker.log("two clicks at once, while no lock file can be opened");
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    let clicks = Clicks::two(site, visitor, [&here, &there]).await?;
    for file in &files {
        // The program may have removed it already.
        let _ = fs::remove_dir(file);
    }
    if !clicks.has_lost() {
        return Ok(());
    }
    let expected = "errors, or a count of its own for each click";
    let meaning = "the clicks could not lock anything, and went on without a lock. So one was lost, and both were answered with success. Return the error";
    bail!(Finding::new(expected, summary(&clicks.seen), meaning))
}
