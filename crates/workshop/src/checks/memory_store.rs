//! Exercise 2: a store that keeps sessions in a map.

use anyhow::{Result, bail};
use testkit::Visitor;

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let app = bench.app("app-1", &[]).await?;
    let endpoint = app.endpoint();
    let mut visitor = Visitor::new();
    expect_counts(&bench.visits(&mut visitor, &endpoint, 3).await?, &[0, 1, 2])?;
    // Loads the session, changes nothing, and so writes nothing.
    bench.visit(&mut visitor, &endpoint, "/session/").await?;
    let after = bench.visit(&mut visitor, &endpoint, "/").await?;
    if after.count() == Some(0) {
        let meaning = "looking was enough to lose the session: the visit before only read it. Does get leave in the map what it finds?";
        let finding = Finding::new(
            "Hello World #3 after a look at /session/",
            after.body.trim_end(),
            meaning,
        );
        bail!(finding.at(after.instance.as_deref()));
    }
    expect_counts(&[after], &[3])?;

    bench.did("another visitor comes, and then the first again");
    expect_counts(
        &bench.visits(&mut Visitor::new(), &endpoint, 2).await?,
        &[0, 1],
    )?;
    let again = bench.visit(&mut visitor, &endpoint, "/").await?;
    if again.count() == Some(2) {
        let meaning = "the first visitor goes on where the other was: two visitors share one session. Is each kept under its own id?";
        let finding = Finding::new(
            "Hello World #4 for the first visitor",
            again.body.trim_end(),
            meaning,
        );
        bail!(finding.at(again.instance.as_deref()));
    }
    expect_counts(&[again], &[4])
}
