//! Files that cannot be read, written or removed.

use std::fs;

use anyhow::{Result, bail};
use testkit::Response;

use super::site::Site;
use crate::checker::{Checker, Finding, Visitor};

/// Expects an error for the visitor whenever the session's file is in a state that the program cannot handle.
pub(super) async fn check(checker: &Checker, site: &Site, visitor: &Visitor<'_>) -> Result<()> {
    let path = site.path_of(visitor)?;
    let here = site.apps[0].endpoint();
    let mut tab = visitor.clone();
    tab.at(&here);

    let before = fs::read(&path).unwrap_or_default();
    fs::write(&path, "{")?;
    checker.log("the session's file contains half a session");
    let seen = site.prices.during(tab.get("/")).await?;
    let meaning = "the session cannot be read, and the click went on as if the visitor had none. Return the error of the read";
    expect_error(&seen, meaning)?;
    fs::write(&path, &before)?;

    checker.log("a folder gets the name of the session's file in the middle of a click");
    let plan = async {
        let change = site.prices.change().await?;
        fs::remove_file(&path)?;
        fs::create_dir(&path)?;
        drop(change);
        site.prices.answer().await
    };
    let seen = site.prices.plan(tab.get("/"), plan).await?;
    let meaning = "the session cannot be written, but the visitor gets a count that is nowhere kept. Return the error of the write";
    expect_error(&seen, meaning)?;

    let seen = tab.clone().post("/logout", "").await?;
    let meaning = "the session cannot be removed, but the visitor reads that they are logged out. Return the error of the removal";
    expect_error(&seen, meaning)?;
    fs::remove_dir(&path)?;
    fs::write(&path, &before)?;
    Ok(())
}

fn expect_error(seen: &Response, meaning: &str) -> Result<()> {
    if seen.status >= 500 {
        return Ok(());
    }
    bail!(Finding::about(seen, "an error for the visitor", meaning).at(Some("app-1")))
}
