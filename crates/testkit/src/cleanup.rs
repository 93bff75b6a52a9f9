//! Commands that are run when all is over.

use std::{
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::TestEnv;

impl TestEnv {
    /// Has the shell command `undo` run when the returned value is dropped, or when our process ends in any other way. A
    /// stage has one such command at a time.
    #[must_use = "it is undone when this is dropped"]
    pub fn on_exit(&self, undo: String) -> Cleanup {
        self.reaper().undo(&undo);
        Cleanup {
            env: self.clone(),
            undo,
        }
    }
}

/// A shell command that takes back what was done outside of our own processes, and is run when this is dropped.
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
            Ok(output) if output.status.success() => self.env.reaper().undone(),
            Ok(output) => eprintln!(
                "this failed: {}: {}",
                self.undo,
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => eprintln!("this failed: {}: {error}", self.undo),
        }
    }
}
