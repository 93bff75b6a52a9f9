//! Two clicks of one visitor at the same time, first at one instance and then at two.

use std::fs;

use anyhow::{Result, bail};
use testkit::{Endpoint, Instance};

use super::{
    overlap::{Clicks, TOO_EARLY},
    site::{Site, own_folder},
};
use crate::checker::{Checker, Finding, Visitor, summary};

/// Expects that both clicks are counted.
pub(super) async fn check(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let [here, there] = site.apps.each_ref().map(Instance::endpoint);
    checker.log("two clicks at once, at one instance");
    let at_one = click(site, visitor, [&here, &here]).await?;
    checker.log("two clicks at once, each at another instance");
    let at_two = click(site, visitor, [&here, &there]).await?;
    let (clicks, meaning) = match (at_one.has_lost(), at_two.has_lost()) {
        (false, false) => return Ok(()),
        (_, true) if at_two.has_read_too_early() => (at_two, TOO_EARLY),
        (true, _) if at_one.has_read_too_early() => (at_one, TOO_EARLY),
        (true, true) => (
            at_two,
            "neither click waited for the other: both read the same session, and the second write undid the first change. If there is a lock, is it exclusive, and held until the write is done?",
        ),
        (true, false) => (
            at_one,
            "clicks at two instances wait for each other, but two clicks at one instance don't. Is the lock file opened once for the whole process? Such a lock belongs to the open file, so open the file for each change",
        ),
        (false, true) if has_own_file(checker)? => (
            at_two,
            "app-1 put a file into its own TMPDIR or current folder, where app-2 doesn't look. A lock works only if all instances lock the same file, so put it into the folder that they share",
        ),
        (false, true) => (
            at_two,
            "clicks at one instance wait for each other, but those at two instances don't. A lock in a process's memory holds for that process only",
        ),
    };
    let expected = "a count of its own for each of two clicks";
    bail!(Finding::new(expected, summary(&clicks.seen), meaning))
}

/// Clicks at both endpoints at once. A click that fails because of the other one is a finding.
async fn click(site: &Site, visitor: &Visitor<'_>, endpoints: [&Endpoint; 2]) -> Result<Clicks> {
    let clicks = Clicks::two(site, visitor, endpoints).await?;
    if let Some(failed) = clicks.seen.iter().find(|seen| seen.status >= 500) {
        let meaning = "a click that comes during another one gets an error. If it logged a reason, you see it above. A click has to wait until the other one is done";
        bail!(Finding::about(failed, "a count for each click", meaning));
    }
    Ok(clicks)
}

/// Returns whether app-1 has put a file into a folder that app-2 doesn't use.
fn has_own_file(checker: &Checker) -> Result<bool> {
    let mut files = fs::read_dir(own_folder(checker, "app-1")?)?;
    Ok(files.next().is_some())
}
