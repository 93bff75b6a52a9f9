//! A process of ours, its log, and its end.

use std::{
    fs::{self, File},
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

use crate::{TestEnv, env::tail, wait::wait_until};

/// Longest that a start or an orderly end may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command that can be started again and again, one process at a time. All its processes write one log.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    env: TestEnv,
    command: Command,
    log: PathBuf,
    child: Option<Child>,
    status: Option<ExitStatus>,
}

impl Process {
    /// `command` under `name`, not started yet.
    pub(crate) fn new(env: &TestEnv, name: &str, mut command: Command) -> Result<Self> {
        let log = env.folder("logs")?.join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        // A group of its own: Ctrl-C is for us, and we end what we started.
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

    /// Starts it and waits until `ready` says so, which is given what this start has logged so far.
    pub(crate) async fn start(&mut self, ready: impl AsyncFn(&str) -> bool) -> Result<()> {
        let before = self.log().len();
        let program = self.command.get_program().to_string_lossy().into_owned();
        let child = self
            .command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        self.env.reaper().started(child.id());
        self.child = Some(child);
        self.status = None;
        let name = self.name.clone();
        wait_until(&format!("{name} to be ready"), PATIENCE, async || {
            if let Some(status) = self.exited()? {
                bail!(
                    "{name} ended at its start ({status}); its log:\n{}",
                    self.tail()
                );
            }
            let log = self.log();
            Ok(ready(log.get(before..).unwrap_or_default())
                .await
                .then_some(()))
        })
        .await
    }

    /// Ends it with `signal` and waits for its end.
    pub(crate) async fn end(&mut self, signal: Signal) -> Result<ExitStatus> {
        self.signal(signal)?;
        self.ended().await
    }

    /// Waits for an end that something else has caused.
    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        wait_until(
            &format!("{} to end", self.name.clone()),
            PATIENCE,
            async || self.exited(),
        )
        .await
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let Some(child) = &self.child else {
            bail!("{} is not running", self.name)
        };
        kill(Pid::from_raw(i32::try_from(child.id())?), signal)
            .with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// Its end, if it has come.
    fn exited(&mut self) -> Result<Option<ExitStatus>> {
        let Some(child) = &mut self.child else {
            bail!("{} is not running", self.name)
        };
        let status = child.try_wait()?;
        if status.is_some() {
            self.env.reaper().ended(child.id());
            self.child = None;
            self.status = status;
        }
        Ok(status)
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// How its last process ended, once it has.
    pub(crate) fn status(&self) -> Option<ExitStatus> {
        self.status
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Everything it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The last lines of its log.
    pub(crate) fn tail(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the end of the log of {}:\n{}", self.name, self.tail());
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            self.env.reaper().ended(child.id());
        }
    }
}
