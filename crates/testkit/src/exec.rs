//! Runs a command together with every process that it starts.

use std::process::{Output, Stdio};

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::process::{Child, Command};

use crate::TestEnv;

impl TestEnv {
    /// Runs `command` to its end and returns its output.
    ///
    /// The command and its children form a process group. The group is killed when the returned future is dropped, and
    /// when this environment ends.
    pub async fn run(&self, command: &mut Command) -> Result<Output> {
        let program = command.as_std().get_program().display().to_string();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (child, _group) = self.start_group(command)?;
        child
            .wait_with_output()
            .await
            .with_context(|| format!("cannot wait for {program}"))
    }

    /// Starts `command` without input, as the first process of a group. Its children belong to the group too, and may
    /// outlive it.
    pub fn start_group(&self, command: &mut Command) -> Result<(Child, Group)> {
        let program = command.as_std().get_program().display().to_string();
        command.stdin(Stdio::null()).process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let id = i32::try_from(child.id().context("the child has no process ID")?)?;
        // A negative number stands for the whole group, as for kill(1).
        self.reaper().send("started", -i64::from(id));
        let env = self.clone();
        Ok((child, Group { id, env }))
    }
}

/// Kills a process group when it is dropped, and when its environment ends.
#[derive(Debug)]
#[must_use = "dropping this kills the processes"]
pub struct Group {
    id: i32,
    env: TestEnv,
}

impl Drop for Group {
    fn drop(&mut self) {
        // Fails if all processes of the group have ended, which is fine.
        let _ = killpg(Pid::from_raw(self.id), Signal::SIGKILL);
        self.env.reaper().send("ended", -i64::from(self.id));
    }
}
