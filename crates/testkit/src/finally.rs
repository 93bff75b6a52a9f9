//! Commands that are run when all is over.

use std::{
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::Stage;

impl Stage {
    /// Has the shell command `undo` run when the returned value is dropped, or when our process ends in any other way. A
    /// stage has one such command at a time.
    #[must_use = "it is undone when this is dropped"]
    pub fn finally(&self, undo: String) -> Finally {
        self.watchdog().undo(&undo);
        Finally {
            stage: self.clone(),
            undo,
        }
    }
}

/// A shell command that takes back what was done outside of our own processes, and is run when this is dropped.
#[derive(Debug)]
pub struct Finally {
    stage: Stage,
    undo: String,
}

impl Drop for Finally {
    fn drop(&mut self) {
        match Command::new("/bin/sh")
            .args(["-c", &self.undo])
            .stdin(Stdio::null())
            .process_group(0)
            .output()
        {
            Ok(output) if output.status.success() => self.stage.watchdog().undone(),
            Ok(output) => eprintln!(
                "this failed: {}: {}",
                self.undo,
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => eprintln!("this failed: {}: {error}", self.undo),
        }
    }
}
