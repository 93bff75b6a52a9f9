//! The figures that a Redis server reports about itself (`INFO`).

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::Redis;

/// Statistics of one command since the server started, or since they were reset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommandStats {
    pub calls: u64,
    /// How often it was rejected before it ran, for instance for lack of permission.
    pub rejected: u64,
    /// How many microseconds a call took on average.
    pub micros_per_call: f64,
}

impl Redis {
    /// Returns the value of `field` in Redis's `INFO`, if it has one.
    pub fn info(&self, field: &str) -> Result<Option<String>> {
        let info = self.cli(&["INFO"])?;
        let mut fields = info.lines().filter_map(|line| line.trim().split_once(':'));
        let value = fields.find(|(name, _)| *name == field);
        Ok(value.map(|(_, value)| value.to_owned()))
    }

    /// Returns the statistics of each command by its name in lower case, such as `getex` or `config|get`.
    pub fn command_stats(&self) -> Result<BTreeMap<String, CommandStats>> {
        let info = self.cli(&["INFO", "commandstats"])?;
        let lines = info
            .lines()
            .filter_map(|line| line.trim().strip_prefix("cmdstat_")?.split_once(':'));
        lines
            .map(|(command, fields)| {
                let field = |name: &str| {
                    let mut fields = fields.split(',').filter_map(|field| field.split_once('='));
                    fields
                        .find_map(|(key, value)| (key == name).then_some(value))
                        .with_context(|| format!("{command} has no {name}: {fields:?}"))
                };
                let stats = CommandStats {
                    calls: field("calls")?.parse()?,
                    rejected: field("rejected_calls")?.parse()?,
                    micros_per_call: field("usec_per_call")?.parse()?,
                };
                Ok((command.to_owned(), stats))
            })
            .collect()
    }

    /// Sets all statistics to zero. The command that does so, `config|resetstat`, is counted afterwards.
    pub fn reset_command_stats(&self) -> Result<()> {
        self.cli(&["CONFIG", "RESETSTAT"]).map(drop)
    }
}
