//! A container that runs an instance.

use anyhow::Result;
use tokio::process::Command;

use crate::docker::run;

/// The container of an instance. It stays the same when it restarts, while HAProxy's name for it may change.
#[derive(Debug, Clone)]
pub struct Container {
    id: String,
}

impl Container {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned() }
    }

    /// Runs `docker restart`, `docker kill` or another `verb` for it.
    pub async fn docker(&self, verb: &str) -> Result<()> {
        run(Command::new("docker").args([verb, &self.id]))
            .await
            .map(drop)
    }

    pub async fn log(&self) -> Result<String> {
        run(Command::new("docker").args(["logs", &self.id])).await
    }
}
