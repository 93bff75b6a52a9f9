//! A child process and its log.

use std::{
    fs::File,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    TestEnv,
    env::{read_lossy, tail},
    wait::wait_until,
};

/// Longest that a start or a stop may take on a slow machine.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A command that can be started repeatedly, one process at a time. All its processes write to one log.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) name: String,
    env: TestEnv,
    command: Command,
    log: PathBuf,
    child: Option<Child>,
    /// The exit status of the last process, if that has ended.
    pub(crate) status: Option<ExitStatus>,
}

impl Process {
    /// Prepares `command` under `name`. Call [`start`](Self::start) to run it.
    pub(crate) fn new(env: &TestEnv, name: &str, mut command: Command) -> Result<Self> {
        let log = env.folder("logs")?.join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        // In a process group of its own, so that Ctrl-C reaches only us. We end what we started.
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0);
        Ok(Self {
            name: name.to_owned(),
            env: env.clone(),
            command,
            log,
            child: None,
            status: None,
        })
    }

    /// Starts the process and waits until `ready` returns true. `ready` gets the lines logged since this start.
    pub(crate) async fn start(&mut self, ready: impl AsyncFn(&str) -> bool) -> Result<()> {
        let before = self.log().len();
        let program = self.command.get_program().to_string_lossy().into_owned();
        let child = self
            .command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        self.env.reaper().send("started", child.id());
        self.child = Some(child);
        self.status = None;
        let name = self.name.clone();
        wait_until(&format!("{name} to be ready"), TIMEOUT, async || {
            if let Some(status) = self.poll()? {
                let log = tail(&self.log);
                bail!("{name} ended at its start ({status}); its log:\n{log}");
            }
            let log = self.log();
            let since = log.get(before..).unwrap_or_default();
            Ok(ready(since).await.then_some(()))
        })
        .await
    }

    /// Sets environment variables for the next start.
    pub(crate) fn set_env(&mut self, variables: &[(&str, &str)]) {
        self.command.envs(variables.iter().copied());
    }

    /// Sends `signal` and waits until the process has ended.
    pub(crate) async fn end(&mut self, signal: Signal) -> Result<ExitStatus> {
        self.signal(signal)?;
        self.ended().await
    }

    /// Waits until the process has ended for whatever reason.
    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        let what = format!("{} to end", self.name);
        wait_until(&what, TIMEOUT, async || self.poll()).await
    }

    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.poll()?.is_some())
    }

    /// Sends `signal` and does not wait.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let Some(child) = &self.child else {
            bail!("{} is not running", self.name)
        };
        kill(Pid::from_raw(i32::try_from(child.id())?), signal)
            .with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Returns the exit status if the process has ended.
    pub(crate) fn poll(&mut self) -> Result<Option<ExitStatus>> {
        let Some(child) = &mut self.child else {
            bail!("{} is not running", self.name)
        };
        let status = child.try_wait()?;
        if status.is_some() {
            self.env.reaper().send("ended", child.id());
            self.child = None;
            self.status = status;
        }
        Ok(status)
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub(crate) fn log(&self) -> String {
        read_lossy(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the end of the log of {}:\n{}", self.name, tail(&self.log));
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            self.env.reaper().send("ended", child.id());
        }
    }
}
