//! The files beside the sessions, on which the locks are, and clicks that cannot open them.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use testkit::Instance;

use super::{Site, overlap::Clicks};
use crate::checker::{Checker, Finding, Visitor, summary};

/// Returns the files in `folder`, and in folders inside it, that are not sessions.
pub(super) fn find(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(find(&path)?);
        } else if path.extension() != Some(OsStr::new("json")) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Expects that no click is lost when a folder has the name of each lock file. The clicks may fail.
pub(super) async fn check(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let files = find(&site.folder)?;
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
        fs::remove_dir(file)?;
    }
    if !clicks.has_lost() {
        return Ok(());
    }
    let expected = "errors, or a count of its own for each click";
    let meaning = "the clicks could not lock anything, and went on without a lock. So one was lost, and both were answered with success. Return the error";
    bail!(Finding::new(expected, summary(&clicks.seen), meaning))
}
