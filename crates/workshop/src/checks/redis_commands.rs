//! Counts the commands that the attendee's program sends to Redis, and makes Redis refuse some.

use std::collections::BTreeMap;

use anyhow::Result;
use testkit::{Redis, Response};

use crate::checker::Checker;

/// Commands of the connections and of the check itself.
const OTHERS: [&str; 6] = ["ping", "unwatch", "hello", "select", "info", "command"];

/// Commands that run several others as one step.
const ONE_STEP: [&str; 4] = ["exec", "eval", "evalsha", "fcall"];

/// How often Redis ran each command. A script's own commands are included.
pub(super) struct Commands(BTreeMap<String, u64>);

impl Commands {
    /// Returns the commands since the last reset of Redis's statistics, and records them.
    pub(super) fn recorded(checker: &Checker, redis: &Redis) -> Result<Self> {
        let commands = Self::since_reset(redis)?;
        checker.log(&format!("redis-cli INFO commandstats: {commands}"));
        Ok(commands)
    }

    /// Returns the commands since the last reset of Redis's statistics.
    pub(super) fn since_reset(redis: &Redis) -> Result<Self> {
        let stats = redis.command_stats()?.into_iter();
        let stats = stats.map(|(command, stats)| (command, stats.calls));
        let is_own = |command: &str| !command.contains('|') && !OTHERS.contains(&command);
        Ok(Self(stats.filter(|(command, _)| is_own(command)).collect()))
    }

    /// Returns how often Redis ran any of `names`.
    pub(super) fn calls(&self, names: &[&str]) -> u64 {
        names.iter().filter_map(|name| self.0.get(*name)).sum()
    }

    /// Returns how often Redis ran several commands as one step: as a script or a transaction.
    pub(super) fn combined(&self) -> u64 {
        self.calls(&ONE_STEP)
    }

    pub(super) fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Lists the commands, as in `3 GET, 3 SET`.
impl std::fmt::Display for Commands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = self.0.iter();
        let shown = shown.map(|(command, calls)| format!("{calls} {}", command.to_uppercase()));
        f.write_str(&shown.collect::<Vec<_>>().join(", "))
    }
}

/// Sends `request` while Redis refuses the commands of `categories`, such as `@write`.
pub(super) async fn refused(
    redis: &Redis,
    categories: &[&str],
    request: impl Future<Output = Result<Response>>,
) -> Result<Response> {
    let user = ["ACL", "SETUSER", "default"].map(str::to_owned);
    let rules = categories.iter().map(|category| format!("-{category}"));
    let command: Vec<_> = user.into_iter().chain(rules).collect();
    redis.cli(&command)?;
    let seen = request.await;
    redis.cli(&["ACL", "SETUSER", "default", "+@all"])?;
    seen
}
