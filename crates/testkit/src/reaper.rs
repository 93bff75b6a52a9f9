//! Ends what we started even if our own process is killed.
//!
//! The reaper is a shell that reads the IDs of our processes from a pipe. The pipe closes when our process ends, also
//! by Ctrl-C, SIGKILL or a crash. The shell then kills the remaining processes, runs the undo command and removes the
//! folder.

use std::{
    fmt::Display,
    io::Write,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

const SCRIPT: &str = r#"
pids= undo=
while read -r verb pid; do
    case $verb in
        undo) undo=$pid ;;
        started) pids="$pids $pid" ;;
        ended) left=; for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done; pids=$left ;;
    esac
done
[ -z "$pids" ] || kill -9 $pids
[ -z "$undo" ] || sh -c "$undo"
rm -rf "$1"
"#;

#[derive(Debug)]
pub(crate) struct Reaper {
    /// The folder that the shell removes at the end.
    pub(crate) folder: PathBuf,
    shell: Child,
}

impl Reaper {
    /// Starts the shell, which removes `folder` at the end.
    pub(crate) fn start(folder: PathBuf) -> Result<Self> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "reaper"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // In a process group of its own: Ctrl-C must not end the reaper.
            .process_group(0)
            .spawn()
            .context("cannot start /bin/sh")?;
        Ok(Self { folder, shell })
    }

    /// Sends `started` or `ended` with a process ID, or `undo` with a shell command that undoes what we did outside of
    /// our own processes. A negative ID is a process group; an empty command removes the last one.
    pub(crate) fn send(&self, verb: &str, argument: impl Display) {
        if let Some(mut pipe) = self.shell.stdin.as_ref() {
            // If the reaper is gone, processes still end when their values are dropped.
            let _ = writeln!(pipe, "{verb} {argument}");
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        // Closes the pipe first.
        let _ = self.shell.wait();
    }
}
