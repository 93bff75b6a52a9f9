//! Exercise 1: a handler counts the visits of each visitor.

use anyhow::{Result, bail};

use crate::checker::{Checker, Finding};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let app = checker.app("app-1", &[]).await?;
    let mut visitor = checker.visitor(&app.endpoint());
    visitor.expect(&[0, 1, 2]).await?;

    checker.log("another visitor comes");
    let other = checker.visitor(&app.endpoint()).get("/").await?;
    if other.count() != Some(0) {
        let expected = "Hello World #0 for a new visitor";
        let meaning =
            "all visitors share this count. Keep it in the visitor's session and not in the server";
        bail!(Finding::about(&other, expected, meaning));
    }
    Ok(())
}
