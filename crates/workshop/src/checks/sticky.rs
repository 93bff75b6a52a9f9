//! Exercise 10: each visitor stays at one of two instances, until it is killed.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{Balancer, HaproxyState, wait_until};

use crate::checker::{Checker, Finding, Visitor, expect_counts, miscount, summary};

/// The number of visitors who show how HAProxy spreads them.
const CROWD: usize = 10;

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let mut apps = checker.two_demos().await?;
    let balancer = checker.balancer_from_work(&apps).await?;
    let mut visitor = checker.visitor(&balancer.endpoint());
    let seen = visitor.visits(4).await?;
    if miscount(&seen, &[0, 1, 2, 3]).is_some() {
        let expected = "counts 0 1 2 3, all by one instance";
        let meaning = explain(&balancer.inspect().await?);
        bail!(Finding::new(expected, summary(&seen), meaning));
    }
    expect_spread(checker, &balancer).await?;

    let home = seen[3].instance.as_deref().context("no X-Served-By")?;
    let home_app = apps.iter_mut().find(|app| app.name() == home);
    home_app
        .context("another instance answered")?
        .kill()
        .await?;
    checker.log(&format!("{home} is killed"));
    let after = visitor.visits(3).await?;
    if let Some(failed) = after.iter().find(|seen| seen.status != 200) {
        let expected = "responses from the other instance";
        let observed = format!("status {} of HAProxy", failed.status);
        let meaning = explain_error(&balancer, visitor, home).await?;
        bail!(Finding::new(expected, observed, meaning));
    }
    expect_counts(&after, &[0, 1, 2])
}

/// Expects that visitors stay at their instance, and that both instances have some.
async fn expect_spread(checker: &Checker, balancer: &Balancer) -> Result<()> {
    let endpoint = balancer.endpoint();
    let (mut homes, mut stayed) = (Vec::new(), 0);
    for _ in 0..CROWD {
        let mut visitor = testkit::Visitor::new();
        let first = visitor.get(&endpoint, "/").await?;
        let second = visitor.get(&endpoint, "/").await?;
        stayed += usize::from(first.instance == second.instance);
        homes.extend(first.instance);
    }
    let at = |name: &str| homes.iter().filter(|home| *home == name).count();
    let (one, two) = (at("app-1"), at("app-2"));
    let seen = format!("{one} start at app-1 and {two} at app-2, {stayed} stay");
    checker.log(&format!("{CROWD} visitors come twice each: {seen}"));
    if stayed < CROWD || one == 0 || two == 0 {
        let expected = format!("{CROWD} visitors spread over both, and each stays");
        let meaning = explain(&balancer.inspect().await?);
        bail!(Finding::new(expected, seen, meaning));
    }
    Ok(())
}

/// Explains why visitors don't stay at their instance, or why all of them stay at the same one.
fn explain(state: &HaproxyState) -> String {
    let HaproxyState {
        algorithm,
        cookie,
        servers,
    } = state;
    let mut values: Vec<_> = servers
        .iter()
        .filter_map(|server| server.cookie.as_deref())
        .collect();
    let count = values.len();
    values.dedup();
    if algorithm == "source" {
        "balance source chooses by address, and here all visitors come from one address. The visitors behind one proxy or in one office would all reach the same server"
            .to_owned()
    } else if cookie.as_deref() == Some("sessionID") {
        "HAProxy's cookie has the name of the session cookie and replaces it. Give it another name"
            .to_owned()
    } else if let (Some(name), true) = (cookie, count < servers.len()) {
        let which = if count == 0 { "no" } else { "not every" };
        format!("HAProxy should set the cookie {name}, but {which} server line has a value for it")
    } else if values.len() < count {
        "both server lines have the same value, so the cookie doesn't show HAProxy which of them the visitor was at".to_owned()
    } else if cookie.is_none() && algorithm == "roundrobin" {
        "each instance counts separately, and visits go to both alternately: nothing ties the visitor to the instance that has the session"
            .to_owned()
    } else {
        format!(
            "HAProxy chooses by {algorithm}. Either a visitor doesn't stay, or one server gets no visitors"
        )
    }
}

/// Explains why a visitor whose instance `home` is down gets an error: only until HAProxy notices, or even after that.
async fn explain_error(
    balancer: &Balancer,
    mut visitor: Visitor<'_>,
    home: &str,
) -> Result<String> {
    let noticed = async || {
        let servers = balancer.inspect().await?.servers;
        Ok(servers.iter().any(|server| !server.up).then_some(()))
    };
    let limit = Duration::from_secs(5);
    wait_until("HAProxy to see that it is down", limit, noticed).await?;
    let seen = visitor.client.get(&balancer.endpoint(), "/").await?;
    Ok(if seen.status == 200 {
        format!(
            "visitors get errors until the health check sees that {home} is down. A request that cannot connect should go on to the other server, which is called redispatch"
        )
    } else {
        format!(
            "the cookie names {home}. HAProxy knows that it is down, but option persist still sends visits there"
        )
    })
}
