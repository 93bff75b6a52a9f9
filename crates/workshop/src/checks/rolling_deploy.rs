//! Exercise 20: a script replaces two instances by a new version while visitors come.
//!
//! With a new version that works:
//! - Each request gets its response, even those that are in flight when an instance stops. The sessions go on.
//! - At its end, the script has status 0. HAProxy sends visitors to two new instances and to no old one.
//! - The old processes have ended, and no third new one is left.
//!
//! With a new version that answers each health check with 503:
//! - The script ends with another status than 0.
//! - Each request gets its response, because an old instance goes on.
//!
//! The new version takes half a second before it listens, and HAProxy takes it into service 0.6 s later at the earliest.
//! So this check takes some seconds. Both rollouts run at the same time.

mod explain;
mod load;
mod rollout;
mod site;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::future::try_join;

use self::{
    rollout::{AppState, New, Old, Rollout, SCRIPT_LIMIT, roll_out},
    site::{NEW, NewVersion, OLD, Site},
};
use crate::checker::{Checker, Finding};

/// Longer than a script may take, with what comes before and after it.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let healthy = async {
        let mut site = Site::start(&checker.env, NewVersion::Healthy).await?;
        let rollout = roll_out(&mut site, &checker.work).await?;
        log(checker, "the new version works", &rollout);
        expect_unnoticed(&site, &rollout)
    };
    let broken = async {
        let mut site = Site::start(&checker.env, NewVersion::Broken).await?;
        let rollout = roll_out(&mut site, &checker.work).await?;
        Ok((site, rollout))
    };
    let ((), (site, rollout)) = try_join(healthy, broken).await?;
    log(checker, "another new version answers 503 only", &rollout);
    expect_old_version(&site, &rollout)
}

fn log(checker: &Checker, what: &str, rollout: &Rollout) {
    checker.log(&format!("{what}:"));
    for step in rollout.steps() {
        checker.log(&format!("  {step}"));
    }
}

/// Expects that the new version serves, and that no visitor noticed.
fn expect_unnoticed(site: &Site, rollout: &Rollout) -> Result<()> {
    let Some(status) = rollout.status else {
        bail!(no_end(
            site,
            "something in it takes far too long, although the new version works"
        ));
    };
    let load = &rollout.load;
    if load.failed() > 0 {
        let meaning = explain::failures(rollout, site);
        bail!(Finding::new("no failed request", load.in_words(), meaning));
    }
    if !status.success() {
        let observed = format!("{status}: {}", site.last_line());
        let meaning = explain::port_in_use(site).unwrap_or_else(|| {
            "the script failed, although the new version works. The last line of its output is above".to_owned()
        });
        bail!(Finding::new("exit status: 0", observed, meaning));
    }
    expect_in_service(site, rollout)?;
    let last = rollout.samples.last().context("no samples")?;
    if let Some(index) = last.apps.iter().position(|app| app.old != Old::HasEnded) {
        let name = site.apps[index].name();
        let expected = format!("the end of the old {name}");
        let observed = "its process still runs";
        let meaning = "visitors no longer reach it, but it keeps its memory, its port and its connections to Redis";
        bail!(Finding::new(expected, observed, meaning));
    }
    let stops = |app: &AppState| app.old != Old::HasEnded;
    if let Some(index) = rollout.at_end.apps.iter().position(stops) {
        let name = site.apps[index].name();
        let expected = format!("the end of the old {name} before that of the script");
        let observed = "the script ended first";
        let meaning = "the old instance ended after the script. The status 0 says that the rollout is complete, so the script has to wait for the last old one, too";
        bail!(Finding::new(expected, observed, meaning));
    }
    if rollout.surplus {
        let expected = "two new instances";
        let observed = "a third one, on the spare port";
        let meaning = "HAProxy sends it no visitors, and it keeps its memory and its connections to Redis. The script has to end it";
        bail!(Finding::new(expected, observed, meaning));
    }
    if let Some((before, after)) = load.lost {
        let expected = format!("count {}", before + 1);
        let observed = format!("count {after}");
        let meaning = "a visitor's session did not go on during the rollout";
        bail!(Finding::new(expected, observed, meaning));
    }
    Ok(())
}

/// Expects two new instances in service when the script has ended.
fn expect_in_service(site: &Site, rollout: &Rollout) -> Result<()> {
    let expected = format!("{NEW} in service as app-1 and as app-2");
    let [first, second] = &rollout.at_end.apps;
    if first.address == second.address {
        let observed = format!("both are the one instance on port {}", first.address.port());
        let meaning = explain::port_in_use(site).unwrap_or_else(|| {
            "commands have given HAProxy the same address for both servers".to_owned()
        });
        bail!(Finding::new(expected, observed, meaning));
    }
    let mut apps = rollout.at_end.apps.iter();
    let Some(index) = apps.position(|app| app.new != New::InService) else {
        return Ok(());
    };
    let name = site.apps[index].name();
    let observed = match rollout.at_end.apps[index].old {
        Old::Serves => format!("{OLD} is still in service as {name}"),
        Old::Stops | Old::HasEnded => format!("{name} is not in service"),
    };
    let meaning = explain::not_in_service(rollout, site, index)?;
    bail!(Finding::new(expected, observed, meaning));
}

/// Expects that the script gave up, and that an old instance goes on.
fn expect_old_version(site: &Site, rollout: &Rollout) -> Result<()> {
    let last = rollout.samples.last().context("no samples")?;
    if last.both(|app| app.old != Old::Serves) {
        let expected = format!("{OLD} in service, because {NEW} answers 503");
        let observed = "both old instances were stopped";
        let meaning = "the first new instance never became healthy, and the script went on to the second. Now no instance is left. Stop at the first failure";
        bail!(Finding::new(expected, observed, meaning));
    }
    let Some(status) = rollout.status else {
        bail!(no_end(
            site,
            "the new version never becomes healthy, and the script doesn't give up. A wait needs a limit"
        ));
    };
    if status.success() {
        let expected = "another exit status than 0, because the new version answers 503";
        let meaning = "the script says that the rollout succeeded, although the new version never became healthy. The next step of a release would go on";
        bail!(Finding::new(expected, "exit status: 0", meaning));
    }
    let load = &rollout.load;
    if load.failed() > 0 {
        let expected = "no failed request, because an old instance serves";
        let meaning = "visitors reached the new version, which answers 503, or no instance at all. The lines above show when the old one stopped";
        bail!(Finding::new(expected, load.in_words(), meaning));
    }
    Ok(())
}

fn no_end(site: &Site, meaning: &str) -> Finding {
    let limit = SCRIPT_LIMIT.as_secs();
    let observed = format!(
        "it still runs after {limit} s; it printed last: {}",
        site.last_line()
    );
    Finding::new("the end of the script", observed, meaning)
}
