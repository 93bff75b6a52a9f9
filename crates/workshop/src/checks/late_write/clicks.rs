//! Which clicks are the same, and for how long a session remembers them.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Result, bail};

use super::site::Site;
use crate::{
    checker::Finding,
    checks::{
        redis_data::{expect_renewed, expect_whole, shorten_expiry, ttl},
        shop::{Customer, expect_success},
    },
};

/// How many clicks of the same session come before a click is sent again. The task says how many IDs a session has.
const IN_BETWEEN: usize = 10;

/// How many clicks a customer makes: more than a session remembers.
const CLICKS: usize = 60;

/// After this click, a session remembers as many as it ever does.
const FULL: usize = 25;

/// How many bytes Redis may keep in addition from then on. Each ID that is kept takes eight or more.
const SLACK: i64 = 200;

/// An ID that comes before each of the others, and is part of none.
const SMALLER: (&str, &str) = (
    "17",
    "the click has a smaller ID than one before, and was taken for a repeated one. IDs have no order: only the same ID is the same click",
);

/// An ID that is part of another one.
const PART: (&str, &str) = (
    "4",
    "the ID of the click is a part of another ID, and was taken for it. Compare whole IDs",
);

/// Expects that two clicks on one item are two, and that customers can use the same IDs.
pub(super) async fn expect_different_clicks(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    let seen = site.click(&alice, &site.here, "tea", "21").await?;
    expect_success(site.checker, &seen, "1 tea")?;
    let seen = site.click(&alice, &site.there, "tea", "34").await?;
    expect_success(site.checker, &seen, "2 tea")?;
    let teas = site.number_of("tea", &alice).await?;
    if teas != 2 {
        let observed = format!("{teas} tea");
        let meaning =
            "two clicks with different IDs are two clicks, even if they are on the same item";
        bail!(Finding::new("2 tea", observed, meaning));
    }
    for (count, (id, meaning)) in (3..).zip([SMALLER, PART]) {
        site.click(&alice, &site.here, "tea", id).await?;
        let teas = site.number_of("tea", &alice).await?;
        if teas != count {
            let (expected, observed) = (format!("{count} tea"), format!("{teas} tea"));
            bail!(Finding::new(expected, observed, meaning));
        }
    }
    expect_renewed_click(site, &alice).await?;
    let bob = Customer::log_in(site.checker, "bob", &site.here.endpoint).await?;
    let seen = site.click(&bob, &site.here, "tea", "21").await?;
    expect_success(site.checker, &seen, "1 tea in Bob's basket")?;
    let teas = site.number_of("tea", &bob).await?;
    if teas != 1 {
        let observed = format!("{teas} tea");
        let meaning = "Alice has made a click with this ID before, and that kept Bob from his. Each session has IDs of its own";
        bail!(Finding::new("1 tea in Bob's basket", observed, meaning));
    }
    Ok(())
}

/// Expects that a click starts the idle timeout again.
async fn expect_renewed_click(site: &Site<'_>, alice: &Customer<'_>) -> Result<()> {
    let key = alice.key()?;
    expect_whole(ttl(site.checker, site.redis, &key)?)?;
    shorten_expiry(site.checker, site.redis, &key)?;
    let seen = site.click(alice, &site.here, "milk", "50").await?;
    expect_success(site.checker, &seen, "4 tea, 1 milk")?;
    expect_renewed(site.checker, site.redis, &key)
}

/// Expects that a click finds out that its session has ended.
pub(super) async fn expect_end(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    let key = alice.key()?;
    site.redis.cli(&["DEL", &key])?;
    site.checker.log("redis-cli DEL: the session ends");
    let seen = site.click(&alice, &site.here, "tea", "1").await?;
    let expected = "status 401: the session has ended";
    if site.redis.cli(&["EXISTS", &key])? != "0" {
        let meaning =
            "the click brought the session back. A write needs a session that still exists";
        bail!(Finding::about(&seen, expected, meaning));
    }
    if seen.status != 401 {
        let meaning = "a customer whose session has ended has to log in again, and that is not a failure of the server";
        bail!(Finding::about(&seen, expected, meaning));
    }
    Ok(())
}

/// Sends each click again when others have come in between. Expects that each is counted once, and that the session
/// doesn't grow with each click.
pub(super) async fn expect_last_ids(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    site.checker.log(&format!(
        "{CLICKS} clicks, each sent again after {IN_BETWEEN} others"
    ));
    let mut bytes_when_full = 0;
    for number in 0..CLICKS {
        silent_click(site, &alice, number).await?;
        if let Some(earlier) = number.checked_sub(IN_BETWEEN) {
            silent_click(site, &alice, earlier).await?;
        }
        if number == FULL {
            bytes_when_full = site.bytes()?;
        }
    }
    let nuts = site.number_of("nut", &alice).await?;
    if nuts != CLICKS as u64 {
        let meaning = if nuts < CLICKS as u64 {
            "some clicks were not counted, although each has an ID of its own. Were they taken for repeated ones?"
        } else if nuts >= (2 * CLICKS - IN_BETWEEN) as u64 {
            "a repeated click was counted again, because others had come in between. A session remembers its last 20 clicks"
        } else {
            "some repeated clicks were counted again, and others not. With more than 20 IDs, a session forgets the oldest one, and no other"
        };
        let expected = format!("{CLICKS} nut");
        bail!(Finding::new(expected, format!("{nuts} nut"), meaning));
    }
    let bytes = site.bytes()?;
    if bytes - bytes_when_full > SLACK {
        let expected = "a session that remembers the last 20 clicks";
        let observed = format!(
            "Redis has {bytes_when_full} bytes after {FULL} clicks, {bytes} after {CLICKS}"
        );
        let meaning = "what Redis keeps grows with every click. Forget the oldest IDs";
        bail!(Finding::new(expected, observed, meaning));
    }
    Ok(())
}

impl Site<'_> {
    /// Returns how many bytes Redis has in all its keys.
    fn bytes(&self) -> Result<i64> {
        let keys = self.redis.cli(&["--scan"])?;
        let bytes = keys.lines().map(|key| {
            let usage = ["MEMORY", "USAGE", key, "SAMPLES", "0"];
            Ok(self.redis.cli(&usage)?.parse::<i64>()?)
        });
        bytes.sum()
    }
}

/// Returns the ID of click `number`. Like those of a browser, these IDs have no order.
fn random_id(number: usize) -> String {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Clicks on a nut with the ID of `number`, at each instance every other time. Expects success, and records nothing else.
async fn silent_click(site: &Site<'_>, alice: &Customer<'_>, number: usize) -> Result<()> {
    let place = [&site.here, &site.there][number % 2];
    let id = random_id(number);
    let header = ("Idempotency-Key", id.as_str());
    let mut tab = alice.visitor.client.clone();
    let click = tab.post_with_header(&place.endpoint, "/add/nut", header);
    let seen = site.checker.response("POST /add/nut", click).await?;
    if seen.status == 200 {
        return Ok(());
    }
    let meaning = "a click failed. If the server logged a reason, you see it above";
    bail!(Finding::about(&seen, "status 200", meaning))
}
