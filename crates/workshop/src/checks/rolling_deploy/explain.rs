//! Explains from what was observed why requests failed, or why a new instance is not in service.

use std::os::unix::process::ExitStatusExt;

use anyhow::{Context, Result};
use testkit::Instance;

use super::{
    rollout::{AppState, New, Old, Rollout, Sample},
    site::{NEW, Site},
};

/// Explains why requests failed.
pub(super) fn failures(rollout: &Rollout, site: &Site) -> String {
    let killed_by = |app: &Instance| app.status().and_then(|status| status.signal());
    let mut killed = site
        .apps
        .iter()
        .filter_map(|app| Some((app.name(), killed_by(app)?)));
    if let Some((name, signal)) = killed.next() {
        return format!(
            "signal {signal} ended {name}, which had no time to finish its requests. HAProxy doesn't repeat them, because the instance may have done their work"
        );
    }
    if let Some(text) = port_in_use(site) {
        return text;
    }
    let serves =
        |app: &AppState| (app.old == Old::Serves && !app.drained) || app.new == New::InService;
    let mut samples = rollout.samples.iter();
    let outage = samples.find(|sample| !sample.apps.iter().any(serves));
    let outage = outage.filter(|_| rollout.load.had_no_instance());
    let Some(outage) = outage else {
        return "HAProxy had no instance for these requests, or it lost the instance before the response. The lines above show when each instance stopped and started".to_owned();
    };
    let any = |holds: fn(&AppState) -> bool| outage.apps.iter().any(holds);
    let is_left_out = |app: &AppState| app.new == New::Ready && app.drained;
    let is_drained = |sample: &Sample| sample.apps.iter().any(is_left_out);
    let text = if any(|app| app.new == New::Ready) && rollout.samples.iter().any(is_drained) {
        "HAProxy had no instance: a command had drained the first new one, and no command had brought it back into service"
    } else if any(|app| app.new == New::Ready) {
        "the last old instance was asked to stop when a new one was ready, but HAProxy had not yet taken that into service. It does so after three good checks"
    } else if any(|app| app.new == New::Started) {
        "the last old instance was asked to stop while the new one was still starting. So for a while HAProxy had no instance"
    } else {
        "both old instances were asked to stop before the first new one had been started. So for a while HAProxy had no instance"
    };
    text.to_owned()
}

/// Explains why HAProxy sends no visitors to the new instance with this index, although the script has ended.
pub(super) fn not_in_service(rollout: &Rollout, site: &Site, index: usize) -> Result<String> {
    if let Some(text) = port_in_use(site) {
        return Ok(text);
    }
    let at_end = rollout.at_end.apps[index];
    let last = rollout.samples.last().context("no samples")?.apps[index];
    let text = if at_end.old == Old::Serves && at_end.new == New::None {
        "the script has not replaced this instance"
    } else if last.new == New::InService {
        "it came into service after the script's end. The status 0 says that the new version serves, so the script has to wait for the last instance, too"
    } else if last.drained {
        "a command has drained it. HAProxy sends it visitors again only after another command"
    } else {
        "the script ended with status 0, and HAProxy has no new instance there. The lines above show what happened to it"
    };
    Ok(text.to_owned())
}

/// Returns an explanation if a new instance could not listen.
pub(super) fn port_in_use(site: &Site) -> Option<String> {
    let number = [1, 2].into_iter().find(|n| site.found_port_in_use(*n))?;
    Some(format!(
        "the log of the new app-{number} says: address in use. When {NEW} started, another process had the port. A process has its port until it has ended, and after SIGTERM that takes a while"
    ))
}
