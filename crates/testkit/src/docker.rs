//! Runs Docker commands.

use std::process::{Output, Stdio};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

/// Puts `command` into its own process group, because Ctrl-C is for us: we end what we started.
pub(crate) fn detached(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
}

pub(crate) async fn finished(command: &mut Command) -> Result<Output> {
    detached(command)
        .output()
        .await
        .context("cannot start docker")
}

/// Runs `command` and returns its output, standard error included. A failure has the last lines of it.
pub(crate) async fn run(command: &mut Command) -> Result<String> {
    let output = finished(command).await?;
    let text = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    if !output.status.success() {
        let lines: Vec<_> = text.lines().collect();
        bail!(
            "docker failed:\n{}",
            lines[lines.len().saturating_sub(40)..].join("\n")
        );
    }
    Ok(text)
}
