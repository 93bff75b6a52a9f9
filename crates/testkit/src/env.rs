//! The stage itself.

use std::{
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use anyhow::{Context, Result};

use crate::reaper::Reaper;

/// A folder for data and logs. Everything started on it ends, and the folder goes, with its last user: at the end of a
/// scene, in a panic, and when the process is killed.
#[derive(Debug, Clone)]
pub struct TestEnv {
    ground: Rc<Ground>,
}

#[derive(Debug)]
struct Ground {
    folder: PathBuf,
    reaper: Reaper,
}

impl TestEnv {
    /// An empty stage.
    ///
    /// # Errors
    /// There is no temporary folder to be had.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("session-workshop-")
            .tempdir()
            .context("cannot make a temporary folder")?
            .keep();
        let reaper = Reaper::over(&folder)?;
        Ok(Self {
            ground: Rc::new(Ground { folder, reaper }),
        })
    }

    /// The folder `name` on this stage, made if it is missing.
    ///
    /// # Errors
    /// It can't be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// Where data and logs are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.ground.folder
    }

    /// The last lines of every log on this stage.
    #[must_use]
    pub fn tails(&self) -> String {
        let Ok(logs) = fs::read_dir(self.path().join("logs")) else {
            return String::new();
        };
        let mut logs: Vec<_> = logs.flatten().map(|log| log.path()).collect();
        logs.sort();
        logs.iter().map(|log| tail(log)).collect()
    }

    pub(crate) fn reaper(&self) -> &Reaper {
        &self.ground.reaper
    }
}

/// Lines of a log that a failure shows.
const TAIL: usize = 12;

/// The last lines of `log`, each behind the name of what wrote it.
pub(crate) fn tail(log: &Path) -> String {
    let name = log.file_stem().unwrap_or_default().to_string_lossy();
    let text = fs::read(log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..]
        .iter()
        .map(|line| format!("  {name} | {line}\n"))
        .collect()
}
