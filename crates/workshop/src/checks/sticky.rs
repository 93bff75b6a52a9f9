//! Exercise 12: each visitor stays at one of two instances, until it is killed.

mod explain;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{Balancer, Instance, wait_until};

use self::explain::explain;
use super::balancer::unchecked;
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
        let meaning = explain(&balancer.inspect().await?, &seen);
        bail!(Finding::new(expected, summary(&seen), meaning));
    }
    let mut crowd = come_and_stay(checker, &balancer).await?;
    expect_posts_at_home(checker, &balancer, &mut crowd).await?;
    expect_same_homes(checker, &apps, &mut crowd).await?;
    if let Some(finding) = unchecked(&balancer).await? {
        bail!(finding);
    }

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

/// A visitor of the crowd, and the instance of the first visit.
struct Member {
    visitor: testkit::Visitor,
    home: Option<String>,
}

/// Expects that visitors who come by turns stay at their instance, and that both instances have some.
async fn come_and_stay(checker: &Checker, balancer: &Balancer) -> Result<Vec<Member>> {
    let endpoint = balancer.endpoint();
    let (mut crowd, mut seen, mut stayed) = (Vec::new(), Vec::new(), 0);
    for _ in 0..CROWD {
        let mut visitor = testkit::Visitor::new();
        let first = visitor.get(&endpoint, "/").await?;
        let home = first.instance.clone();
        crowd.push(Member { visitor, home });
        seen.push(first);
    }
    for Member { visitor, home } in &mut crowd {
        let second = visitor.get(&endpoint, "/").await?;
        stayed += usize::from(second.instance == *home);
        seen.push(second);
    }
    let at = |name: &str| {
        let homes = crowd.iter().map(|member| member.home.as_deref());
        homes.filter(|home| *home == Some(name)).count()
    };
    let (one, two) = (at("app-1"), at("app-2"));
    let summary = format!("{one} start at app-1 and {two} at app-2, {stayed} stay");
    checker.log(&format!("{CROWD} visitors come twice each: {summary}"));
    if stayed < CROWD || one == 0 || two == 0 {
        let expected = format!("{CROWD} visitors spread over both, and each stays");
        let meaning = explain(&balancer.inspect().await?, &seen);
        bail!(Finding::new(expected, summary, meaning));
    }
    Ok(crowd)
}

/// Expects that requests with a form reach the visitor's instance too. Each visitor sends two of them: one alone could
/// reach the right instance by chance.
async fn expect_posts_at_home(
    checker: &Checker,
    balancer: &Balancer,
    crowd: &mut [Member],
) -> Result<()> {
    let mut stayed = 0;
    for Member { visitor, home } in &mut *crowd {
        for value in ["value=tea", "value=milk"] {
            let endpoint = balancer.endpoint();
            let seen = visitor.post(&endpoint, "/session/", value).await?;
            stayed += usize::from(seen.instance == *home);
        }
    }
    let posts = 2 * CROWD;
    checker.log(&format!(
        "they send {posts} forms: {stayed} reach their instance"
    ));
    if stayed < posts {
        let expected = format!("{posts} forms at the instances of their visitors");
        let observed = format!("{stayed} of them");
        let meaning = "a visit stays at its instance, but a POST does not. So what the visitor sends can reach the instance that doesn't know the session";
        bail!(Finding::new(expected, observed, meaning));
    }
    Ok(())
}

/// Expects that a second HAProxy with the same configuration sends each visitor to the same instance.
async fn expect_same_homes(
    checker: &Checker,
    apps: &[Instance],
    crowd: &mut [Member],
) -> Result<()> {
    let second = checker.balancer_from_work(apps).await?;
    let mut stayed = 0;
    for Member { visitor, home } in &mut *crowd {
        let seen = visitor.get(&second.endpoint(), "/").await?;
        stayed += usize::from(seen.instance == *home);
    }
    checker.log(&format!("HAProxy starts again: {stayed} of them stay"));
    if stayed < CROWD {
        let expected = format!("{CROWD} visitors at their instances, as before");
        let observed = format!("{stayed} of them");
        let meaning = "after a restart HAProxy doesn't know where its visitors were. With a cookie that names the instance, each visitor brings that along";
        bail!(Finding::new(expected, observed, meaning));
    }
    Ok(())
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
