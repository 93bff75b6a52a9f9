//! Shows what is being measured, and how long the rest takes.

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

/// The time that a run takes according to its plan.
pub(crate) struct Progress {
    planned: Duration,
    done: Duration,
    started: Instant,
}

impl Progress {
    pub(crate) fn new(planned: Duration) -> Self {
        Self {
            planned,
            done: Duration::ZERO,
            started: Instant::now(),
        }
    }

    /// Shows that `work` begins, for which the plan has `time`.
    pub(crate) fn begin(&mut self, work: &str, time: Duration) {
        let left = self.planned.saturating_sub(self.done).as_secs();
        let (minutes, seconds) = (left / 60, left % 60);
        let line = format!("bench: about {minutes}:{seconds:02} left, {work}");
        if stderr().is_terminal() {
            eprint!("\r\x1b[K{line}");
            let _ = stderr().flush();
        } else {
            eprintln!("{line}");
        }
        self.done += time;
    }

    /// Ends the line on a terminal, and returns the time since the start.
    pub(crate) fn end(self) -> Duration {
        if stderr().is_terminal() {
            eprintln!();
        }
        self.started.elapsed()
    }
}
