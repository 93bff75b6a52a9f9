//! Counts the commands that the attendee's program sends to Redis, and makes Redis refuse some.

use std::collections::BTreeMap;

use anyhow::Result;
use testkit::{Redis, Response};

use crate::checker::{Checker, Visitor};

/// Commands of the connections and of the check itself.
const OTHERS: [&str; 6] = ["ping", "unwatch", "hello", "select", "info", "command"];

/// Commands that run several others as one step.
const ONE_STEP: [&str; 4] = ["exec", "eval", "evalsha", "fcall"];

/// How often Redis ran each command. A script's own commands are included.
pub(super) struct Commands(BTreeMap<String, u64>);

impl Commands {
    /// Returns the commands since the last reset of Redis's statistics, and records them.
    pub(super) fn recorded(checker: &Checker, redis: &Redis) -> Result<Self> {
        let stats = redis.command_stats()?.into_iter();
        let stats = stats.map(|(command, stats)| (command, stats.calls));
        let is_own = |command: &str| !command.contains('|') && !OTHERS.contains(&command);
        let commands = Self(stats.filter(|(command, _)| is_own(command)).collect());
        checker.log(&format!("redis-cli INFO commandstats: {commands}"));
        Ok(commands)
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

/// Requests `path` while Redis refuses the commands of `categories`, such as `@write`.
pub(super) async fn get_refused(
    visitor: &mut Visitor<'_>,
    path: &str,
    redis: &Redis,
    categories: &[&str],
) -> Result<Response> {
    refuse(redis, categories)?;
    let seen = visitor.get(path).await;
    allow_all(redis)?;
    seen
}

/// Makes Redis refuse the commands of `categories` until [`allow_all`].
pub(super) fn refuse(redis: &Redis, categories: &[&str]) -> Result<()> {
    let rules = categories.iter().map(|category| format!("-{category}"));
    let command = ["ACL", "SETUSER", "default"].map(str::to_owned).into_iter();
    redis
        .cli(&command.chain(rules).collect::<Vec<_>>())
        .map(drop)
}

/// Makes Redis accept all commands again.
pub(super) fn allow_all(redis: &Redis) -> Result<()> {
    redis.cli(&["ACL", "SETUSER", "default", "+@all"]).map(drop)
}
