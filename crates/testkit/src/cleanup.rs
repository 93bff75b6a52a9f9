//! Shell commands that undo what was done outside of our own processes.

use std::{
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::TestEnv;

impl TestEnv {
    /// Registers the shell command `undo`. It runs when the returned value is dropped, or when our process ends in any
    /// other way. An environment has at most one such command at a time.
    #[must_use = "dropping this runs the command"]
    pub fn on_exit(&self, undo: String) -> Cleanup {
        self.reaper().send("undo", &undo);
        Cleanup {
            env: self.clone(),
            undo,
        }
    }
}

/// Runs a shell command when it is dropped.
#[derive(Debug)]
pub struct Cleanup {
    env: TestEnv,
    undo: String,
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        match Command::new("/bin/sh")
            .args(["-c", &self.undo])
            .stdin(Stdio::null())
            .process_group(0)
            .output()
        {
            Ok(output) if output.status.success() => self.env.reaper().send("undo", ""),
            Ok(output) => {
                let stderr = String::from_utf8_lossy(&output.stderr);
                eprintln!("this failed: {}: {stderr}", self.undo);
            }
            Err(error) => eprintln!("this failed: {}: {error}", self.undo),
        }
    }
}
