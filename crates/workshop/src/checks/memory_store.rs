//! Exercise 2: a store that keeps sessions in a map.

use anyhow::{Result, bail};

use crate::checker::{Checker, Finding, expect_counts};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let app = checker.app("app-1", &[]).await?;
    let endpoint = app.endpoint();
    let mut visitor = checker.visitor(&endpoint);
    visitor.expect(&[0, 1, 2]).await?;
    // Loads the session and changes nothing, so nothing is saved.
    visitor.get("/session/").await?;
    let after = visitor.get("/").await?;
    if after.count() == Some(0) {
        let expected = "Hello World #3 after a look at /session/";
        let meaning =
            "a visit that only read the session lost it. Does get leave the session in the map?";
        bail!(Finding::about(&after, expected, meaning));
    }
    expect_counts(&[after], &[3])?;

    checker.log("another visitor comes, and then the first one again");
    checker.visitor(&endpoint).expect(&[0, 1]).await?;
    let again = visitor.get("/").await?;
    if again.count() == Some(2) {
        let expected = "Hello World #4 for the first visitor";
        let meaning = "the first visitor continues the other one's count: two visitors share one session. Is each session stored under its own ID?";
        bail!(Finding::about(&again, expected, meaning));
    }
    expect_counts(&[again], &[4])
}
