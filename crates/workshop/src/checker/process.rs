//! Asks `ps` about the attendee's programs.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result};

fn ps(pid: u32, field: &str) -> Result<String> {
    let output = Command::new("ps")
        .args(["-o", field, "-p", &pid.to_string()])
        .output()
        .context("cannot start ps")?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Returns whether process `pid`, a child of ours, is still running. State `Z` is a child that has ended.
pub(super) fn is_running(pid: u32) -> bool {
    ps(pid, "stat=").is_ok_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

/// Returns the CPU time that process `pid` has used, or zero if it has ended.
pub(super) fn cpu_time(pid: u32) -> Duration {
    // [hours:]minutes:seconds
    let text = ps(pid, "time=").unwrap_or_default();
    let parts = text.split(':').map(|part| part.parse().unwrap_or(0.0));
    Duration::from_secs_f64(parts.fold(0.0, |sum, part| sum * 60.0 + part))
}
