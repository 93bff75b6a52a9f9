//! The logs of the servers on one terminal.

use std::io::Write;

use anyhow::Result;
use testkit::Instance;

/// The logs of the instances, as far as they were shown.
pub(super) struct Logs {
    /// The number of bytes that were shown, for each instance.
    shown: Vec<usize>,
}

impl Logs {
    pub(super) fn of(instances: &[Instance]) -> Self {
        Self {
            shown: vec![0; instances.len()],
        }
    }

    /// Prints the lines that each instance has added since the last time, with its name in front.
    pub(super) fn show(&mut self, instances: &[Instance], out: &mut dyn Write) -> Result<()> {
        for (instance, shown) in instances.iter().zip(&mut self.shown) {
            let log = instance.log();
            let new = log.get(*shown..).unwrap_or_default();
            // The last line may not be complete.
            let lines = new.rfind('\n').map_or("", |end| &new[..=end]);
            for line in lines.lines() {
                writeln!(out, "{} | {line}", instance.name())?;
            }
            *shown += lines.len();
        }
        Ok(())
    }
}
