//! Exercise 1: a handler counts the visits of each visitor.

use anyhow::{Result, bail};
use testkit::Visitor;

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let app = bench.app("app-1", &[]).await?;
    let seen = bench
        .visits(&mut Visitor::new(), &app.endpoint(), 3)
        .await?;
    expect_counts(&seen, &[0, 1, 2])?;
    bench.did("another visitor comes");
    let other = bench
        .visit(&mut Visitor::new(), &app.endpoint(), "/")
        .await?;
    if other.count() != Some(0) {
        bail!(Finding::new(
            "Hello World #0 for a visitor who was never here",
            other.body.trim_end(),
            "the count is everybody's: it belongs into the visitor's own session, not into the server"
        ));
    }
    Ok(())
}
