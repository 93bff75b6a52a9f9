//! The environment of a test: a folder, and the processes that end with it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};

use crate::reaper::Reaper;

/// A temporary folder for data and logs, shared by all clones.
///
/// When the last clone is dropped, or our process is killed, all processes started in it end and the folder is removed.
#[derive(Debug, Clone)]
pub struct TestEnv {
    reaper: Arc<Reaper>,
}

impl TestEnv {
    pub fn new() -> Result<Self> {
        Self::within(&std::env::temp_dir())
    }

    /// Does the same as [`new`](Self::new), with its folder in `parent`.
    pub fn within(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("session-workshop-")
            .tempdir_in(parent)
            .with_context(|| format!("cannot make a folder in {}", parent.display()))?
            .keep();
        let reaper = Arc::new(Reaper::start(folder)?);
        Ok(Self { reaper })
    }

    /// Returns the folder `name` in this environment, and creates it if it is missing.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// Returns the folder for data and logs.
    pub fn path(&self) -> &Path {
        &self.reaper.folder
    }

    /// Returns the last lines of every log.
    pub fn tails(&self) -> String {
        let Ok(logs) = fs::read_dir(self.path().join("logs")) else {
            return String::new();
        };
        let mut logs: Vec<_> = logs.flatten().map(|log| log.path()).collect();
        logs.sort();
        logs.iter().map(|log| tail(log)).collect()
    }

    pub(crate) fn reaper(&self) -> &Reaper {
        &self.reaper
    }
}

/// Lines of each log that a failure shows.
const TAIL_LINES: usize = 12;

/// Returns the last lines of `log`, each with the process's name in front.
pub(crate) fn tail(log: &Path) -> String {
    let name = log.file_stem().unwrap_or_default().to_string_lossy();
    let text = read_lossy(log);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..]
        .iter()
        .map(|line| format!("  {name} | {line}\n"))
        .collect()
}

/// Returns the text of `file`, or nothing if it cannot be read.
pub(crate) fn read_lossy(file: &Path) -> String {
    fs::read(file)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}
