//! The stage itself.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use anyhow::{Context, Result};

use crate::watchdog::Watchdog;

/// A folder for data and logs. Everything started on it ends, and the folder goes, with its last user: at the end of a
/// scene, in a panic, and when the process is killed.
#[derive(Debug, Clone)]
pub struct Stage {
    ground: Rc<Ground>,
}

#[derive(Debug)]
struct Ground {
    folder: PathBuf,
    watchdog: Watchdog,
}

impl Stage {
    /// An empty stage.
    ///
    /// # Errors
    /// There is no temporary folder to be had.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("session-workshop-").tempdir().context("cannot make a temporary folder")?.keep();
        let watchdog = Watchdog::over(&folder)?;
        Ok(Self { ground: Rc::new(Ground { folder, watchdog }) })
    }

    /// The folder `name` on this stage, made if it is missing.
    ///
    /// # Errors
    /// It can't be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// Where data and logs are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.ground.folder
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.ground.watchdog
    }
}
