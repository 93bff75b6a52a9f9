//! A process whose output a test reads while it runs, with a pipe or a terminal for its input.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result};
use nix::{
    pty::openpty,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::wait_until;

use crate::sandbox::{PATIENCE, Sandbox};

pub(crate) struct Process {
    child: Child,
    input: Option<Box<dyn Write>>,
    log: PathBuf,
}

impl Process {
    /// Starts `command`. Its input is a pipe that stays open.
    pub(crate) fn start(sandbox: &Sandbox, mut command: Command) -> Result<Self> {
        let log = sandbox.path("log");
        let file = File::create(&log)?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()?;
        let input = child.stdin.take().context("no input")?;
        Ok(Self {
            child,
            input: Some(Box::new(input)),
            log,
        })
    }

    /// Starts the runner with `arguments`. Its input is a pipe that stays open.
    pub(crate) fn workshop(sandbox: &Sandbox, arguments: &[&str]) -> Result<Self> {
        Self::start(sandbox, sandbox.command("workshop", arguments)?)
    }

    /// Starts the runner with `arguments` at a terminal of its own.
    pub(crate) fn in_terminal(sandbox: &Sandbox, arguments: &[&str]) -> Result<Self> {
        let pair = openpty(None, None)?;
        let child = sandbox
            .command("workshop", arguments)?
            .stdin(pair.slave.try_clone()?)
            .stdout(pair.slave.try_clone()?)
            .stderr(pair.slave)
            .spawn()?;
        let keyboard = File::from(pair.master);
        let mut screen = keyboard.try_clone()?;
        let log = sandbox.path("log");
        let mut file = File::create(&log)?;
        // Ends with an error when the last process at the terminal has ended.
        thread::spawn(move || io::copy(&mut screen, &mut file));
        Ok(Self {
            child,
            input: Some(Box::new(keyboard)),
            log,
        })
    }

    pub(crate) fn types(&mut self, keys: &str) -> Result<()> {
        let input = self.input.as_mut().context("the input has ended")?;
        Ok(input.write_all(keys.as_bytes())?)
    }

    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    /// Returns all output so far.
    pub(crate) fn output(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Waits until the output contains `words`.
    pub(crate) async fn shows(&self, words: &str) -> Result<()> {
        let shown = wait_until(words, PATIENCE, async || {
            Ok(self.output()?.contains(words).then_some(()))
        })
        .await;
        shown.with_context(|| self.output().unwrap_or_default())
    }

    /// Types `keys` when the output contains `words`.
    pub(crate) async fn answers(&mut self, words: &str, keys: &str) -> Result<()> {
        self.shows(words).await?;
        self.types(keys)
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(
            Pid::from_raw(i32::try_from(self.child.id())?),
            signal,
        )?)
    }

    pub(crate) async fn ends(&mut self) -> Result<ExitStatus> {
        let ended = wait_until("the end of the process", PATIENCE, async || {
            Ok(self.child.try_wait()?)
        })
        .await;
        ended.with_context(|| self.output().unwrap_or_default())
    }

    /// Waits until the process ends with `code`, or by a signal if that is `None`.
    pub(crate) async fn ends_with(&mut self, code: Option<i32>) -> Result<()> {
        let status = self.ends().await?;
        assert_eq!(status.code(), code, "{}", self.output()?);
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
