//! Many clicks at once, errors of Redis, and the setting.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use tokio::time::timeout;

use super::site::Site;
use crate::{
    checker::Finding,
    checks::{
        redis_commands::refused,
        redis_data::{OTHER_IDLE_TIMEOUT, expect_other, ttl},
        shop::Customer,
    },
};

/// How many clicks each customer makes at once. Each can be outrun by all others of that customer.
const AT_ONCE: usize = 20;

/// The longest time that all of these clicks may take.
const CROWD_LIMIT: Duration = Duration::from_secs(5);

/// Expects that each of many clicks at once is counted, for each customer and at each instance.
pub(super) async fn expect_all_of_many(site: &Site<'_>, alice: &Customer<'_>) -> Result<()> {
    let carol = Customer::log_in(site.checker, "carol", &site.there).await?;
    site.checker
        .log(&format!("Alice and Carol click {AT_ONCE} times at once"));
    let clicks = [alice, &carol].into_iter().flat_map(|customer| {
        (0..AT_ONCE).map(|n| {
            let mut tab = customer.visitor.client.clone();
            let place = if n % 2 == 0 { &site.here } else { &site.there };
            let item = if n % 4 < 2 { "/add/milk" } else { "/add/salt" };
            async move {
                let click = tab.post(place, item, "");
                site.checker.response(&format!("POST {item}"), click).await
            }
        })
    });
    let Ok(seen) = timeout(CROWD_LIMIT, try_join_all(clicks)).await else {
        let observed = format!("no response to some within {} s", CROWD_LIMIT.as_secs());
        let meaning = "many clicks at once block each other. Does a request hold a connection of the pool, or a lock, while it waits for another one?";
        bail!(Finding::new("a response to each click", observed, meaning));
    };
    let seen = seen?;
    let failed = seen.iter().find(|seen| seen.status != 200);
    for customer in [alice, &carol] {
        let basket = customer.basket(&site.here).await?;
        let numbers = ["milk", "salt"].map(|item| basket.number_of(item));
        let all = AT_ONCE as u64 / 2;
        if failed.is_none() && numbers != [all, all] {
            let expected = format!("{all} milk and {all} salt, after {AT_ONCE} clicks at once");
            let observed = format!("{} milk and {} salt", numbers[0], numbers[1]);
            let meaning =
                "all of these clicks were answered with 200, but they were not counted once each";
            bail!(Finding::new(expected, observed, meaning));
        }
    }
    if let Some(failed) = failed {
        let expected = format!("status 200 for each of {AT_ONCE} clicks at once");
        let meaning = "some clicks failed because others came at the same time. Does change give up too early?";
        bail!(Finding::about(failed, expected, meaning));
    }
    Ok(())
}

/// Expects that customers see an error if Redis returns one.
pub(super) async fn expect_errors(site: &Site<'_>, alice: &mut Customer<'_>) -> Result<()> {
    site.checker
        .log("Redis refuses to read and to write, and then only to write");
    for categories in [&["@read", "@write"][..], &["@write"]] {
        let click = alice.visitor.at(&site.there).post("/add/tea", "");
        let seen = refused(site.redis, categories, click).await?;
        if seen.status < 500 {
            let expected = "an error for Alice, because Redis returned one";
            let meaning = "Redis refused a command of change, but Alice saw no error of the server. change must return the error";
            bail!(Finding::about(&seen, expected, meaning));
        }
    }
    site.checker.log("Redis accepts all commands again");
    Ok(())
}

/// Expects that a write sets the expiry to `IDLE_TIMEOUT`, whatever that is.
pub(super) async fn expect_setting(site: &Site<'_>) -> Result<()> {
    let (url, idle_timeout) = (site.redis.url(), OTHER_IDLE_TIMEOUT.0);
    let settings = [("REDIS_URL", url.as_str()), ("IDLE_TIMEOUT", idle_timeout)];
    let app = site.checker.app("app-3", &settings).await?;
    site.checker
        .log(&format!("an instance with IDLE_TIMEOUT={idle_timeout}"));
    let mut dora = Customer::log_in(site.checker, "dora", &app.endpoint()).await?;
    dora.visitor.post("/add/tea", "").await?;
    let key = dora.key().context("no session")?;
    expect_other(ttl(site.checker, site.redis, &key)?)
}
