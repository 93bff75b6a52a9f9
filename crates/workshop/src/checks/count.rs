//! Exercise 1: a handler counts the visits of each visitor.

use anyhow::{Result, bail};

use crate::checker::{Checker, Finding, Visitor, expect_counts};

/// The number of visits of a visitor who comes often. A count of one byte ends at 255.
const OFTEN: u64 = 260;

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let app = checker.app("app-1", &[]).await?;
    let mut visitor = checker.visitor(&app.endpoint());
    let seen = visitor.visits(3).await?;
    expect_counts(&seen, &[0, 1, 2])?;
    if seen[0].session != seen[2].session {
        let expected = "one session ID for all visits of a visitor";
        let observed = "a new session ID at a later visit";
        let meaning = "the session got a new ID although nothing has happened but a visit. A second tab that sends the old one would begin at 0";
        bail!(Finding::new(expected, observed, meaning));
    }

    checker.log("another visitor comes");
    let mut other = checker.visitor(&app.endpoint());
    let seen = other.get("/").await?;
    if seen.count() != Some(0) {
        let expected = "Hello World #0 for a new visitor";
        let meaning =
            "all visitors share this count. Keep it in the visitor's session and not in the server";
        bail!(Finding::about(&seen, expected, meaning));
    }
    expect_own(&mut visitor, 3).await?;
    expect_own(&mut other, 1).await?;
    expect_own(&mut visitor, 4).await?;

    let mut visits = 5;
    // The next request shows and explains whatever fails here.
    while visits < OFTEN && visitor.client.get(&app.endpoint(), "/").await.is_ok() {
        visits += 1;
    }
    checker.log(&format!("the visitor has come {visits} times"));
    let seen = visitor.get("/").await?;
    if seen.count() != Some(OFTEN) {
        let meaning = "the count is right for a few visits, and wrong for many";
        bail!(Finding::about(
            &seen,
            format!("Hello World #{OFTEN}"),
            meaning
        ));
    }
    Ok(())
}

/// Expects that the visitor's next visit shows `count`, after another visitor came.
async fn expect_own(visitor: &mut Visitor<'_>, count: u64) -> Result<()> {
    let seen = visitor.get("/").await?;
    if seen.count() == Some(count) {
        return Ok(());
    }
    let meaning = "this visitor's count is another one since a second visitor comes too. Part of it is kept in the server, and not in the session";
    bail!(Finding::about(
        &seen,
        format!("Hello World #{count}"),
        meaning
    ))
}
