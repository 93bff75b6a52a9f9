//! Errands: programs that run to their end, and commands that are run when all is over.

use std::{
    os::unix::process::CommandExt,
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result};

use crate::Stage;

impl Stage {
    /// Runs `command` to its end, which comes with ours at the latest, and returns what it printed.
    ///
    /// # Errors
    /// It doesn't start.
    pub fn run(&self, command: &mut Command) -> Result<Output> {
        let program = command.get_program().to_string_lossy().into_owned();
        // A group of its own: Ctrl-C is for us, and we end what we started.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let child = command.spawn().with_context(|| format!("cannot start {program}"))?;
        let id = child.id();
        self.watchdog().started(id);
        let output = child.wait_with_output();
        self.watchdog().ended(id);
        output.with_context(|| format!("cannot read what {program} prints"))
    }

    /// Has the shell command `undo` run when the returned value is dropped, or when our process ends in any other way. A
    /// stage has one such command at a time.
    #[must_use = "it is undone when this is dropped"]
    pub fn finally(&self, undo: String) -> Finally {
        self.watchdog().undo(&undo);
        Finally { stage: self.clone(), undo }
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
        match Command::new("/bin/sh").args(["-c", &self.undo]).stdin(Stdio::null()).process_group(0).output() {
            Ok(output) if output.status.success() => self.stage.watchdog().undone(),
            Ok(output) => eprintln!("this failed: {}: {}", self.undo, String::from_utf8_lossy(&output.stderr)),
            Err(error) => eprintln!("this failed: {}: {error}", self.undo),
        }
    }
}
