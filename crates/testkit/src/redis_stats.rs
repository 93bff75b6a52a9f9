//! Statistics of the commands that a Redis server has run (`INFO commandstats`).

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::Redis;

/// Statistics of one command since the server started, or since they were reset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommandStats {
    /// How often the command was run.
    pub calls: u64,
    /// How often it was rejected before it ran, for instance for lack of permission.
    pub rejected: u64,
    /// How many microseconds a call took on average.
    pub micros_per_call: f64,
}

impl Redis {
    /// Returns the statistics of each command by its name in lower case, such as `getex` or `config|get`.
    pub fn command_stats(&self) -> Result<BTreeMap<String, CommandStats>> {
        parse(&self.cli(&["INFO", "commandstats"])?)
    }

    /// Sets all statistics to zero. The command that does so, `config|resetstat`, is counted afterwards.
    pub fn reset_command_stats(&self) -> Result<()> {
        self.cli(&["CONFIG", "RESETSTAT"]).map(drop)
    }
}

fn parse(info: &str) -> Result<BTreeMap<String, CommandStats>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_stats_are_read_by_command() {
        let info = "# Commandstats\r\n\
            cmdstat_config|get:calls=2,usec=9,usec_per_call=4.50,rejected_calls=1,failed_calls=0\r\n";
        let expected = CommandStats {
            calls: 2,
            rejected: 1,
            micros_per_call: 4.5,
        };
        assert_eq!(
            parse(info).unwrap(),
            BTreeMap::from([("config|get".to_owned(), expected)])
        );
    }
}
