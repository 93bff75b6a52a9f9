//! Which clicks are the same, and for how long a session remembers them.

use anyhow::{Result, bail};

use super::site::Site;
use crate::{
    checker::Finding,
    checks::{
        redis_data::{expect_renewed, expect_whole, shorten_expiry, ttl},
        shop::{Customer, expect_success, other_keys},
    },
};

/// How many clicks of the same session come before a click is sent again. The task says how many IDs a session has.
const IN_BETWEEN: usize = 10;

/// How many clicks a customer makes: more than a session remembers.
const CLICKS: usize = 40;

/// After this click, a session remembers as many as it ever does.
const FULL: usize = 25;

/// How many bytes a session may grow by then.
const SLACK: i64 = 100;

/// Expects that two clicks on one item are two, and that customers can use the same IDs.
pub(super) async fn expect_different_clicks(site: &Site<'_>) -> Result<()> {
    let alice = site.alice().await?;
    let seen = site.click(&alice, &site.here, "tea", "1").await?;
    expect_success(site.checker, &seen, "1 tea")?;
    let seen = site.click(&alice, &site.there, "tea", "2").await?;
    expect_success(site.checker, &seen, "2 tea")?;
    let teas = site.number_of("tea", &alice).await?;
    if teas != 2 {
        let observed = format!("{teas} tea");
        let meaning =
            "two clicks with different IDs are two clicks, even if they are on the same item";
        bail!(Finding::new("2 tea", observed, meaning));
    }
    expect_renewed_click(site, &alice).await?;
    let bob = Customer::log_in(site.checker, "bob", &site.here.endpoint).await?;
    let seen = site.click(&bob, &site.here, "tea", "1").await?;
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
    let seen = site.click(alice, &site.here, "milk", "3").await?;
    expect_success(site.checker, &seen, "2 tea, 1 milk")?;
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
            bytes_when_full = site.bytes_of(&alice)?;
        }
    }
    let nuts = site.number_of("nut", &alice).await?;
    if nuts != CLICKS as u64 {
        let meaning = if nuts >= (2 * CLICKS - IN_BETWEEN) as u64 {
            "a repeated click was counted again, because others had come in between. A session remembers its last 20 clicks"
        } else {
            "some repeated clicks were counted again, and others not. Does the session forget all its clicks at once when it has too many?"
        };
        let expected = format!("{CLICKS} nut");
        bail!(Finding::new(expected, format!("{nuts} nut"), meaning));
    }
    let bytes = site.bytes_of(&alice)?;
    if bytes - bytes_when_full > SLACK {
        let expected = "a session that remembers the last 20 clicks";
        let observed =
            format!("{bytes_when_full} bytes after {FULL} clicks, {bytes} after {CLICKS}");
        let meaning =
            "what Redis keeps for a session grows with every click. Forget the oldest IDs";
        bail!(Finding::new(expected, observed, meaning));
    }
    Ok(())
}

impl Site<'_> {
    /// Returns how many bytes Redis has for the customer's session, and in other keys that don't expire.
    fn bytes_of(&self, customer: &Customer<'_>) -> Result<i64> {
        let mut bytes = self.redis.cli(&["STRLEN", &customer.key()?])?.parse()?;
        for key in other_keys(self.redis)? {
            if self.redis.cli(&["TTL", &key])? == "-1" {
                bytes += self.redis.cli(&["MEMORY", "USAGE", &key])?.parse::<i64>()?;
            }
        }
        Ok(bytes)
    }
}

/// Clicks on a nut with the ID `number`, at each instance every other time. Expects success, and records nothing else.
async fn silent_click(site: &Site<'_>, alice: &Customer<'_>, number: usize) -> Result<()> {
    let place = [&site.here, &site.there][number % 2];
    let id = format!("7f9c24e8-3b12-4fef-91e0-{number:012}");
    let header = ("Idempotency-Key", id.as_str());
    let mut tab = alice.visitor.client.clone();
    let seen = tab
        .post_with_header(&place.endpoint, "/add/nut", header)
        .await?;
    if seen.status == 200 {
        return Ok(());
    }
    let meaning = "a click failed. If the server logged a reason, you see it above";
    bail!(Finding::about(&seen, "status 200", meaning))
}
