//! The CPU time and the memory of a process.

use anyhow::{Context, Result};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The CPU time of a process since its start, and its memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// User and system time of all its threads, in microseconds. Linux counts in steps of 10 ms.
    pub(crate) cpu_micros: f64,
    /// Resident memory, in bytes.
    pub(crate) memory: f64,
}

impl Usage {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a double holds years of milliseconds"
    )]
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let mut system = System::new();
        let pid = Pid::from_u32(pid);
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
        let process = system.process(pid).context("a server has ended")?;
        Ok(Self {
            cpu_micros: process.accumulated_cpu_time() as f64 * 1000.0,
            memory: process.memory() as f64,
        })
    }
}
