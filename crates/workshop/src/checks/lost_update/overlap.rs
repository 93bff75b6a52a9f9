//! Two clicks of one customer at the same time: the write of the first is held back until the second has its answer.

use std::{cell::Cell, pin::pin, time::Duration};

use anyhow::{Result, bail};
use futures_util::{FutureExt, future::join};
use testkit::Endpoint;
use tokio::time::timeout;

use super::{
    conflicts::expect_watch_first,
    explain::{Between, Overlap, explain},
    lock::Lock,
    site::Site,
};
use crate::{
    checker::Finding,
    checks::{
        redis_commands::Commands,
        shop::{Customer, STEP_LIMIT, arrival, other_keys},
    },
};

/// A click that takes longer than this, while another one holds a new key in Redis, waits for that key.
const MOMENT: Duration = Duration::from_millis(100);

/// A click that takes longer than this waits for the other one. The Redis client gives the held write up after 500 ms.
const PATIENCE: Duration = Duration::from_millis(250);

/// How often to try until a click is written while another write is held back. A slow machine needs several.
const TRIES: usize = 3;

/// Expects that two clicks at two instances are both counted.
pub(super) async fn check(site: &Site<'_>) -> Result<()> {
    let mut overlap = click_twice(site, &site.there).await?;
    for _ in 1..TRIES {
        if overlap.between == Between::Waited && overlap.is_right() {
            overlap = click_twice(site, &site.there).await?;
        }
    }
    if !overlap.is_right() {
        let meaning = if let Some(meaning) = explain(&overlap) {
            meaning
        } else {
            let step = "the same again, with both clicks at app-1";
            site.checker.log(step);
            if click_twice(site, &site.here).await?.is_right() {
                "one instance counts both clicks, but two instances lose one. A lock in the memory of an instance doesn't hold at the other one"
            } else {
                "the click whose write came last had read the basket before the other click was written, and put that basket back"
            }
        };
        let observed = overlap.to_string();
        bail!(Finding::new("1 plum and 1 pear", observed, meaning));
    }
    if overlap.commands.calls(&["watch"]) > 0 {
        expect_watch_first(site).await?;
    }
    Ok(())
}

/// Clicks on a plum at the first instance, and holds its write back until a click on a pear at `second` has its answer.
async fn click_twice(site: &Site<'_>, second: &Endpoint) -> Result<Overlap> {
    let alice = Customer::log_in(site.checker, "alice", &site.here).await?;
    let (mut tab, mut other_tab) = (alice.visitor.clone(), alice.visitor.clone());
    site.redis.reset_command_stats()?;
    let known_keys = other_keys(site.redis)?;
    let write = site.proxy.hold("plum");
    let plum_answered = Cell::new(false);
    let plum = tab.post("/add/plum", "");
    let plum = plum.inspect(|_| plum_answered.set(true));
    let pear = async {
        arrival(&write).await?;
        let step = "one tab clicks on a plum, and the network holds its write back; the other tab clicks on a pear";
        site.checker.log(step);
        let mut pear = pin!(other_tab.at(second).post("/add/pear", ""));
        let mut answer = timeout(MOMENT, &mut pear).await.ok();
        let mut lock = None;
        if answer.is_none() {
            lock = Lock::expired(site, &known_keys)?;
            let patience = lock.as_ref().map_or(PATIENCE, |_| STEP_LIMIT);
            answer = timeout(patience, &mut pear).await.ok();
        }
        let mut between = match answer {
            Some(_) => Between::Written,
            None => Between::Waited,
        };
        if let Some(lock) = &lock {
            lock.take()?;
        }
        site.checker.log("the write of the plum reaches Redis");
        write.release();
        if let Some(lock) = lock {
            let is_taken = lock.release(|| plum_answered.get()).await?;
            between = if is_taken {
                Between::LockExpired
            } else {
                Between::LockRemoved
            };
        }
        let pear = match answer {
            Some(answer) => answer?,
            None => pear.await?,
        };
        anyhow::Ok((pear, between))
    };
    let (plum, pear) = join(plum, pear).await;
    let (pear, between) = pear?;
    Ok(Overlap {
        plum: plum?,
        pear,
        basket: alice.basket(&site.there).await?,
        commands: Commands::since_reset(site.redis)?,
        between,
    })
}
