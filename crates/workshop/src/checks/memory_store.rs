//! Exercise 2: a store that keeps sessions in a map.

use anyhow::{Result, bail};
use testkit::{Endpoint, Response};

use crate::checker::{Checker, Finding, Visitor, expect_counts};

/// The number of visitors who come side by side. It is greater than the number of digits that an ID can begin with.
const VISITORS: usize = 20;

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let app = checker.app("app-1", &[]).await?;
    let endpoint = app.endpoint();
    let mut visitor = checker.visitor(&endpoint);
    let seen = visitor.visits(4).await?;
    if count_separately(&seen) {
        let meaning = "the two workers of the server take turns, and each counts separately. Do both use the same map?";
        bail!(Finding::new("counts 0 1 2 3", "counts 0 0 1 1", meaning));
    }
    expect_counts(&seen, &[0, 1, 2, 3])?;
    // Loads the session and changes nothing, so nothing is saved.
    visitor.get("/session/").await?;
    let after = visitor.get("/").await?;
    if after.count() == Some(0) {
        let expected = "Hello World #4 after a look at /session/";
        let meaning =
            "a visit that only read the session lost it. Does get leave the session in the map?";
        bail!(Finding::about(&after, expected, meaning));
    }
    expect_counts(&[after], &[4])?;

    checker.log("another visitor comes, and then the first one again");
    checker.visitor(&endpoint).expect(&[0, 1]).await?;
    let again = visitor.get("/").await?;
    let meaning = match again.count() {
        Some(2) => {
            "the first visitor continues the other one's count: two visitors share one session. Is each session stored under its own ID?"
        }
        Some(0) => {
            "the first visitor's session was lost when another visitor came. Does the map keep more than one session?"
        }
        _ => {
            expect_counts(&[again], &[5])?;
            expect_whole_state(&mut visitor).await?;
            return expect_many(checker, &endpoint).await;
        }
    };
    let expected = "Hello World #5 for the first visitor";
    bail!(Finding::about(&again, expected, meaning))
}

/// Returns whether the counts show two maps, which are used alternately.
fn count_separately(seen: &[Response]) -> bool {
    let counts = seen.iter().map(Response::count);
    counts.eq([0, 0, 1, 1].map(Some))
}

/// Expects that the store keeps all entries of a session, and none that was removed.
async fn expect_whole_state(visitor: &mut Visitor<'_>) -> Result<()> {
    visitor.get("/session/set/milk").await?;
    let seen = visitor.get("/session/").await?;
    if seen.body.trim_end() != "milk" {
        let meaning = "the value was set, but it is not kept. A session has several entries. Does set store all of them?";
        bail!(Finding::about(&seen, "milk", meaning));
    }
    visitor.get("/session/unset/").await?;
    let seen = visitor.get("/session/").await?;
    if seen.body.trim_end() != "no value set" {
        let meaning = "the value was removed, but it is still there. set gets the whole session, and has to replace the old one";
        bail!(Finding::about(&seen, "no value set", meaning));
    }
    Ok(())
}

/// Expects that each of [`VISITORS`] visitors has a session, which no other visitor changes.
async fn expect_many(checker: &Checker, endpoint: &Endpoint) -> Result<()> {
    checker.log(&format!(
        "{VISITORS} visitors come, and then all of them again"
    ));
    let mut visitors = vec![checker.visitor(endpoint); VISITORS];
    for visitor in &mut visitors {
        visitor.expect(&[0]).await?;
    }
    for visitor in &mut visitors {
        let seen = visitor.get("/").await?;
        let meaning = match seen.count() {
            Some(1) => continue,
            Some(0) => "with many visitors, a session is lost. Does the map keep all sessions?",
            _ => "two of the visitors share one session. Is the whole ID the key?",
        };
        bail!(Finding::about(&seen, "Hello World #1", meaning));
    }
    Ok(())
}
