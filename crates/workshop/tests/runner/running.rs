//! A runner that runs: what is typed to it, and what it has said so far.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::{Child, Stdio},
};

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::wait_until;

use crate::desk::{Desk, PATIENCE};

pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    pub(crate) fn start(desk: &Desk, arguments: &[&str]) -> Result<Self> {
        let log = desk.path("said");
        let file = File::create(&log)?;
        let child = desk
            .workshop(arguments)
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()?;
        Ok(Self { child, log })
    }

    /// Types `line`.
    pub(crate) fn types(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(
            self.child.stdin.as_mut().context("no input")?,
            "{line}"
        )?)
    }

    /// Ends its input.
    pub(crate) fn hangs_up(&mut self) {
        self.child.stdin = None;
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Waits until it has said `words`.
    pub(crate) async fn says(&self, words: &str) -> Result<()> {
        let said = wait_until(words, PATIENCE, async || {
            Ok(self.said()?.contains(words).then_some(()))
        })
        .await;
        said.with_context(|| self.said().unwrap_or_default())
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(
            Pid::from_raw(i32::try_from(self.child.id())?),
            signal,
        )?)
    }

    /// Waits for its end; its status.
    pub(crate) async fn ends(&mut self) -> Result<Option<i32>> {
        let ended = wait_until("the runner's end", PATIENCE, async || {
            Ok(self.child.try_wait()?)
        })
        .await;
        Ok(ended
            .with_context(|| self.said().unwrap_or_default())?
            .code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
