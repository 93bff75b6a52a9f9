//! Writes that get no answer: Redis made the write, or never got it.

use anyhow::{Result, bail};

use super::site::Site;
use crate::{
    checker::Finding,
    checks::shop::{Customer, arrival},
};

/// Expects that a click without an answer from Redis is not written twice, and is not called a success.
pub(super) async fn expect_error(site: &Site<'_>) -> Result<()> {
    let mut alice = Customer::log_in(site.checker, "alice", &site.here).await?;
    site.checker
        .log("Redis will write the next click, but its answer gets lost");
    site.proxy.lose_response_to("date");
    let _ = alice.visitor.at(&site.here).post("/add/date", "").await?;
    site.proxy.recover();
    let dates = alice.basket(&site.there).await?.number_of("date");
    if dates > 1 {
        let meaning = "Redis had made the write, but its answer was lost, and change wrote the click again. Repeat after a refused write only, and return an error";
        bail!(Finding::new("1 date", format!("{dates} date"), meaning));
    }

    site.checker
        .log("the network holds the next write back, until the click has its answer");
    let write = site.proxy.hold("fig");
    let click = alice.visitor.at(&site.here).post("/add/fig", "");
    let seen = click.await?;
    arrival(&write).await?;
    let figs = alice.basket(&site.there).await?.number_of("fig");
    if figs == 0 && seen.status < 500 {
        let meaning = "Redis doesn't have this click, and change didn't return an error. Without an answer it can't know that the write was made";
        bail!(Finding::about(&seen, "an error for Alice", meaning));
    }
    Ok(())
}
