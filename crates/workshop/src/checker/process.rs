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
    let parse = |text: &str| -> Result<Duration> {
        // [days-][hours:]minutes:seconds
        let parts = text.split([':', '-']).map(str::parse::<f64>);
        let seconds = parts
            .into_iter()
            .try_fold(0.0, |sum, part| Ok::<_, anyhow::Error>(sum * 60.0 + part?))?;
        Ok(Duration::from_secs_f64(seconds))
    };
    ps(pid, "time=")
        .and_then(|text| parse(&text))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn cpu_time_of_this_process_grows() {
        let before = cpu_time(std::process::id());
        let started = Instant::now();
        while cpu_time(std::process::id()) == before {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "no CPU time was seen"
            );
            // Waiting for ps uses no CPU time; this does.
            let asked = Instant::now();
            while asked.elapsed() < Duration::from_millis(200) {}
        }
    }
}
