//! Ends what we started even if our own process is killed.
//!
//! The reaper is a shell that reads the IDs of our processes from a pipe. The pipe closes when our process ends, also by
//! Ctrl-C, SIGKILL or a crash. The shell then kills the remaining processes, runs the undo command and removes the folder.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
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
    shell: Child,
    pipe: Mutex<Option<ChildStdin>>,
}

impl Reaper {
    /// Starts the shell, which removes `folder` at the end.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "reaper"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // In a process group of its own: Ctrl-C must not end the reaper.
            .process_group(0)
            .spawn()
            .context("cannot start /bin/sh")?;
        let pipe = shell.stdin.take();
        Ok(Self {
            shell,
            pipe: Mutex::new(pipe),
        })
    }

    /// Registers a process to kill; a negative `pid` is a process group.
    pub(crate) fn started(&self, pid: impl Into<i64>) {
        self.send("started", &pid.into().to_string());
    }

    /// Removes a process that has ended.
    pub(crate) fn ended(&self, pid: impl Into<i64>) {
        self.send("ended", &pid.into().to_string());
    }

    /// Sets the shell command that undoes what we did outside of our own processes. An empty text removes it.
    pub(crate) fn set_undo(&self, command: &str) {
        self.send("undo", command);
    }

    fn send(&self, verb: &str, argument: &str) {
        if let Some(pipe) = &mut *self.pipe.lock().unwrap_or_else(PoisonError::into_inner) {
            // If the reaper is gone, processes still end when their values are dropped.
            let _ = writeln!(pipe, "{verb} {argument}");
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        let pipe = self.pipe.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(pipe.take());
        let _ = self.shell.wait();
    }
}
