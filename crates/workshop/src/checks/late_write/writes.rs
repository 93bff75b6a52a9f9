//! Clicks whose write gets no answer in time: it was made, or it comes later, or it comes at the worst moment.

use anyhow::{Result, bail};
use futures_util::future::join;
use testkit::{Response, wait_until};

use super::site::{Place, Site};
use crate::{
    checker::Finding,
    checks::{
        redis_commands::Commands,
        shop::{Customer, STEP_LIMIT, arrival, other_keys},
    },
};

/// Loses Redis's answer to a click, and repeats the click.
pub(super) async fn expect_once_after_lost_answer(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    let plums = click_twice_without_answer(site, &alice, &site.there, ("plum", "3")).await?;
    if plums == 1 {
        return Ok(());
    }
    let keys = other_keys(site.redis)?;
    let meaning = if click_twice_without_answer(site, &alice, &site.here, ("pear", "4")).await? == 1
    {
        "only the instance that got the click remembers its ID. The browser sends the click again to any instance, also after a restart"
    } else if keys.is_empty() {
        "Redis had written the click, but its answer was lost. So the browser sent the click again, and it was counted again"
    } else {
        "the ID is in a key of its own, and was not there yet when Redis had written the basket. The basket and the ID need one write"
    };
    bail!(Finding::new("1 plum", format!("{plums} plum"), meaning))
}

/// Clicks on `item` at the first instance, loses Redis's answer to the write, and clicks again at `place`. Returns how
/// many are in the basket.
async fn click_twice_without_answer(
    site: &Site<'_>,
    alice: &Customer<'_>,
    place: &Place,
    (item, id): (&str, &str),
) -> Result<u64> {
    let step = "Redis will write the next click, but its answer gets lost";
    site.checker.log(step);
    site.here.proxy.lose_response_to(item);
    site.click(alice, &site.here, item, id).await?;
    site.here.proxy.recover();
    let seen = site.click(alice, place, item, id).await?;
    expect_basket(&seen)?;
    site.number_of(item, alice).await
}

/// Holds a write back until the click was repeated and another one made, and lets it reach Redis then.
pub(super) async fn expect_once_after_held_write(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    site.checker.log("the network holds the next write back");
    let write = site.here.proxy.hold("fig");
    let seen = site.click(&alice, &site.here, "fig", "5").await?;
    if seen.status < 500 && site.number_of("fig", &alice).await? == 0 {
        let meaning = "Redis doesn't have this click yet, and may never get it. An answer of 200 means that it was made";
        bail!(Finding::about(&seen, "an error", meaning));
    }
    let seen = site.click(&alice, &site.there, "fig", "5").await?;
    expect_basket(&seen)?;
    if site.number_of("fig", &alice).await? == 0 {
        let meaning = "the browser sent the click again and got 200, but the fig is not in the basket. The ID was remembered before the basket was written";
        bail!(Finding::about(&seen, "1 fig", meaning));
    }
    site.click(&alice, &site.there, "kiwi", "6").await?;
    site.redis.reset_command_stats()?;
    site.checker.log("the first write reaches Redis");
    write.release();
    executed(site).await?;
    let basket = alice.basket(&site.there.endpoint).await?;
    let numbers = ["fig", "kiwi"].map(|item| basket.number_of(item));
    if numbers == [1, 1] {
        return Ok(());
    }
    let observed = format!("{} fig, {} kiwi", numbers[0], numbers[1]);
    let meaning = "a write that Redis got late has changed a newer basket. It may write only if Redis still has what was read";
    bail!(Finding::new("1 fig, 1 kiwi", observed, meaning))
}

/// Lets a held write reach Redis after the repeated click has read the session, and before it writes.
pub(super) async fn expect_once_if_write_comes_meanwhile(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    site.checker.log("the network holds a write back again");
    let write = site.here.proxy.hold("lime");
    site.click(&alice, &site.here, "lime", "7").await?;
    site.redis.reset_command_stats()?;
    let second_write = site.there.proxy.hold("lime");
    let repeated = site.click(&alice, &site.there, "lime", "7");
    let meanwhile = async {
        arrival(&second_write).await?;
        let before = Commands::since_reset(site.redis)?.total();
        site.checker
            .log("the first write reaches Redis, then the second");
        write.release();
        executed_more_than(site, before).await?;
        second_write.release();
        anyhow::Ok(())
    };
    let (repeated, meanwhile) = join(repeated, meanwhile).await;
    meanwhile?;
    if repeated?.status >= 500 {
        site.click(&alice, &site.there, "lime", "7").await?;
    }
    let limes = site.number_of("lime", &alice).await?;
    if limes == 1 {
        return Ok(());
    }
    let meaning = "the first write came after the repeated click had looked for its ID, and before it was written. Look for the ID in the session that change has read";
    bail!(Finding::new("1 lime", format!("{limes} lime"), meaning))
}

/// Holds the write of a click back until another click was counted. Expects that both are counted.
pub(super) async fn expect_both_at_once(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    let write = site.here.proxy.hold("date");
    let first = site.click(&alice, &site.here, "date", "8");
    let other = async {
        arrival(&write).await?;
        site.checker
            .log("that write is on its way; the other tab clicks");
        let seen = site.click(&alice, &site.there, "lemon", "9").await?;
        write.release();
        anyhow::Ok(seen)
    };
    let (first, other) = join(first, other).await;
    for (seen, item, id) in [(first?, "date", "8"), (other?, "lemon", "9")] {
        // On a slow machine, an instance gives up. Then the browser sends the click again.
        if seen.status >= 500 {
            let again = site.click(&alice, &site.there, item, id).await?;
            expect_basket(&again)?;
        }
    }
    let basket = alice.basket(&site.there.endpoint).await?;
    let numbers = ["date", "lemon"].map(|item| basket.number_of(item));
    let meaning = match numbers {
        [1, 1] => return Ok(()),
        [0, _] => {
            "the date was answered with 200, but it is not in the basket. If the session has changed, change reads it again and calls put again: each call has to count the click"
        }
        [_, 0] => {
            "the click on the date had read the basket before the lemon was in it, and put that basket back. The write needs the condition that Redis still has what was read"
        }
        _ => "two different clicks at the same time were not counted once each",
    };
    let observed = format!("{} date, {} lemon", numbers[0], numbers[1]);
    bail!(Finding::new("1 date, 1 lemon", observed, meaning))
}

/// Expects that a repeated click is answered like the first one.
fn expect_basket(seen: &Response) -> Result<()> {
    if seen.status == 200 {
        return Ok(());
    }
    let meaning = "the browser sent a click again because it had no answer. Its customer wants to see the basket and not an error, whether the click was counted before or not";
    bail!(Finding::about(seen, "status 200 and the basket", meaning))
}

/// Waits until Redis has run a command since the last reset.
async fn executed(site: &Site<'_>) -> Result<()> {
    executed_more_than(site, 0).await
}

/// Waits until Redis has run more than `before` commands since the last reset.
async fn executed_more_than(site: &Site<'_>, before: u64) -> Result<()> {
    wait_until("the late write", STEP_LIMIT, async || {
        let total = Commands::since_reset(site.redis)?.total();
        Ok((total > before).then_some(()))
    })
    .await
}
