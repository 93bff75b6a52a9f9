//! Exercise 10: each visitor stays at one of two instances, until that dies.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{Balancer, Endpoint, HaproxyState, Visitor, wait_until};

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts, seen_by},
};

/// Visitors who come to see where they are sent.
const CROWD: usize = 10;

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let mut apps = bench.two_demos().await?;
    let balancer = bench.configured(&apps).await?;
    let endpoint = balancer.endpoint();
    let mut visitor = Visitor::new();
    let seen = bench.visits(&mut visitor, &endpoint, 4).await?;
    if expect_counts(&seen, &[0, 1, 2, 3]).is_err() {
        let meaning = reason(&balancer.inspect().await?);
        bail!(Finding::new(
            "counts 0 1 2 3, all by one instance",
            seen_by(&seen),
            meaning
        ));
    }
    crowd(bench, &balancer).await?;

    let home = seen[3].instance.as_deref().context("no X-Served-By")?;
    let lost = apps
        .iter_mut()
        .find(|app| app.name() == home)
        .context("another instance answered")?;
    lost.kill().await?;
    bench.did(&format!("{home} is killed"));
    let after = bench.visits(&mut visitor, &endpoint, 3).await?;
    if let Some(failed) = after.iter().find(|seen| seen.status != 200) {
        let meaning = insistence(&balancer, &mut visitor, &endpoint, home).await?;
        bail!(Finding::new(
            "answers of the other instance",
            format!("status {} of HAProxy", failed.status),
            meaning
        ));
    }
    expect_counts(&after, &[0, 1, 2])
}

/// Visitors who come twice each: each should stay, and both instances should have some.
async fn crowd(bench: &Bench, balancer: &Balancer) -> Result<()> {
    let endpoint = balancer.endpoint();
    let (mut homes, mut stayed) = (Vec::new(), 0);
    for _ in 0..CROWD {
        let mut visitor = Visitor::new();
        let first = visitor.get(&endpoint, "/").await?;
        let second = visitor.get(&endpoint, "/").await?;
        stayed += usize::from(first.instance == second.instance);
        homes.extend(first.instance);
    }
    let at = |name: &str| homes.iter().filter(|home| *home == name).count();
    let seen = format!(
        "{} begin at app-1 and {} at app-2, {stayed} stay",
        at("app-1"),
        at("app-2")
    );
    bench.did(&format!("{CROWD} visitors come twice each: {seen}"));
    if stayed < CROWD || at("app-1") == 0 || at("app-2") == 0 {
        let expected = format!("{CROWD} visitors spread over both, and each stays");
        bail!(Finding::new(
            expected,
            seen,
            reason(&balancer.inspect().await?)
        ));
    }
    Ok(())
}

/// Why visitors don't stay, or all stay at one place.
fn reason(
    HaproxyState {
        algorithm,
        cookie,
        servers,
    }: &HaproxyState,
) -> String {
    let mut values: Vec<_> = servers
        .iter()
        .filter_map(|server| server.cookie.as_deref())
        .collect();
    let count = values.len();
    values.dedup();
    if algorithm == "source" {
        "balance source chooses by address, and all visitors come from one address: whoever shares one, as behind a proxy or \
         in an office, lands on one server"
            .to_owned()
    } else if cookie.as_deref() == Some("sessionID") {
        "HAProxy's cookie has the name of the session's own, and takes its place: give it another name".to_owned()
    } else if let (Some(name), true) = (cookie, count < servers.len()) {
        let which = if count == 0 {
            "no server line has a value for it"
        } else {
            "not every server line has a value for it"
        };
        format!("HAProxy is to set the cookie {name}, and {which}: it has nothing to put in")
    } else if values.len() < count {
        "the same value stands for both servers: HAProxy can't tell from the cookie which one the visitor was at".to_owned()
    } else if cookie.is_none() && algorithm == "roundrobin" {
        "each server counts for itself, and visits go to both in turn: nothing ties the visitor to the server that has the session"
            .to_owned()
    } else {
        format!(
            "HAProxy chooses by {algorithm}, and not so that each visitor stays and both servers have some"
        )
    }
}

/// Why a visitor whose instance `home` is gone gets an error: also when HAProxy knows, or only until then.
async fn insistence(
    balancer: &Balancer,
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    home: &str,
) -> Result<String> {
    wait_until(
        "HAProxy to see that it is gone",
        Duration::from_secs(5),
        async || {
            let servers = balancer.inspect().await?.servers;
            Ok(servers.iter().any(|server| !server.up).then_some(()))
        },
    )
    .await?;
    Ok(if visitor.get(endpoint, "/").await?.status == 200 {
        format!(
            "until the health check sees that {home} is gone, its visitors get errors: a request that can't connect should go on to the other, which is redispatch"
        )
    } else {
        format!(
            "the cookie names {home}, and HAProxy knows that it is gone: option persist holds on to it all the same"
        )
    })
}
