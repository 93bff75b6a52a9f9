//! Explains from what was observed why requests failed, or why a new instance is not in service.

use std::os::unix::process::ExitStatusExt;

use anyhow::{Context, Result};
use testkit::Instance;

use super::{
    rollout::{New, Old, Rollout},
    site::{NEW, Site},
};

/// Explains why requests failed.
pub(super) fn failures(rollout: &Rollout, site: &Site) -> String {
    let killed_by = |app: &Instance| app.status().and_then(|status| status.signal());
    if let Some(app) = site.apps.iter().find(|app| killed_by(app).is_some()) {
        let (name, signal) = (app.name(), killed_by(app).unwrap_or_default());
        return format!(
            "signal {signal} ended {name} in the middle of its requests. HAProxy doesn't repeat them, because the instance may have done their work"
        );
    }
    if let Some(text) = port_in_use(site) {
        return text;
    }
    if rollout
        .samples
        .iter()
        .any(|sample| sample.both(|app| app.drained))
    {
        return "HAProxy had no instance: a command had drained both, and no command had brought the first one back into service".to_owned();
    }
    let mut samples = rollout.samples.iter();
    let outage = samples.find(|sample| !sample.any(|app| app.old == Old::Serves));
    match outage {
        Some(sample) if sample.any(|app| app.new == New::InService) => {}
        Some(sample) if sample.any(|app| app.new == New::Ready) => {
            return "the last old instance was asked to stop when a new one was ready, but HAProxy had not yet taken that into service. It does so after three good checks".to_owned();
        }
        Some(sample) if sample.any(|app| app.new == New::Started) => {
            return "the last old instance was asked to stop while the new one was still starting. So for a while HAProxy had no instance".to_owned();
        }
        Some(_) if rollout.load.had_no_instance() => {
            return "both old instances were asked to stop before the first new one had been started. So for a while HAProxy had no instance".to_owned();
        }
        _ => {}
    }
    "HAProxy had no instance for these requests, or it lost the instance before the response. The lines above show when each instance stopped and started".to_owned()
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
