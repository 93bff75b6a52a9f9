//! A command that runs to its end, with all that it starts in turn.

use std::process::{Output, Stdio};

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::process::Command;

use crate::TestEnv;

impl TestEnv {
    /// Runs `command` to its end, and returns what it printed. It and what it starts are a process group of their own,
    /// which ends when nobody waits for it any more, and with this stage: in whatever way that ends.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn run(&self, command: &mut Command) -> Result<Output> {
        let program = command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let _group = Group::watched(self, child.id().context("it has no id")?)?;
        child
            .wait_with_output()
            .await
            .with_context(|| format!("cannot wait for {program}"))
    }
}

/// A process group that ends with this value.
struct Group {
    id: i32,
    env: TestEnv,
}

impl Group {
    fn watched(env: &TestEnv, leader: u32) -> Result<Self> {
        let id = i32::try_from(leader)?;
        // As kill takes it: the whole group.
        env.reaper().started(-i64::from(id));
        Ok(Self {
            id,
            env: env.clone(),
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // After its orderly end there is nobody left to be killed.
        let _ = killpg(Pid::from_raw(self.id), Signal::SIGKILL);
        self.env.reaper().ended(-i64::from(self.id));
    }
}
