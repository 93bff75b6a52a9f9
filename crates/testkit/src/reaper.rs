//! The last resort: a shell that outlives us by a moment.
//!
//! It reads the ids of our processes from a pipe. When the pipe closes, in whatever way we ended (Ctrl-C in a test run,
//! SIGKILL, a crash), it ends those that are left, undoes what was noted to be undone, and removes the folder.

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
    /// Watches over `folder`.
    pub(crate) fn over(folder: &Path) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "reaper"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C reaches the whole group in the foreground, and must not reach this.
            .process_group(0)
            .spawn()
            .context("cannot start /bin/sh")?;
        let pipe = shell.stdin.take();
        Ok(Self {
            shell,
            pipe: Mutex::new(pipe),
        })
    }

    /// Notes a process to be ended; a negative `pid` is a process group.
    pub(crate) fn started(&self, pid: impl Into<i64>) {
        self.tell("started", &pid.into().to_string());
    }

    /// Notes that it has ended.
    pub(crate) fn ended(&self, pid: impl Into<i64>) {
        self.tell("ended", &pid.into().to_string());
    }

    /// Notes a shell command that takes back what we have done outside of our own processes.
    pub(crate) fn undo(&self, command: &str) {
        self.tell("undo", command);
    }

    /// Notes that it has been taken back.
    pub(crate) fn undone(&self) {
        self.tell("undo", "");
    }

    fn tell(&self, verb: &str, what: &str) {
        if let Some(pipe) = &mut *self.pipe.lock().unwrap_or_else(PoisonError::into_inner) {
            // Without a watchdog things still end in the ordinary way.
            let _ = writeln!(pipe, "{verb} {what}");
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(
            self.pipe
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let _ = self.shell.wait();
    }
}
