//! What the command line offers, a file for each command.

mod check;
mod doctor;
mod hint;
mod input;
mod list;
mod predict;
mod report;
mod reset;
mod solution;
mod status;
mod watch;

use std::path::PathBuf;

use anyhow::Result;

pub use check::check;
pub use doctor::doctor;
pub use hint::hint;
pub use list::list;
pub use predict::predict;
pub use report::report;
pub use reset::{Which, reset};
pub use solution::solution;
pub use status::status;
pub use watch::watch;

use crate::{exercise::Exercise, progress::Progress};

/// The exercises of a tree, and where what was done of them is noted.
pub struct Workshop {
    /// The tree.
    pub root: PathBuf,
    /// Its exercises, in order.
    pub exercises: Vec<Exercise>,
}

impl Workshop {
    /// The workshop in the tree at `root`.
    ///
    /// # Errors
    /// There is none.
    pub fn open(root: PathBuf) -> Result<Self> {
        let exercises = Exercise::all(&root)?;
        Ok(Self { root, exercises })
    }

    /// What was done so far.
    ///
    /// # Errors
    /// The file system doesn't let us know.
    pub fn progress(&self) -> Result<Progress> {
        Progress::load(&self.root)
    }

    /// The exercise that `wanted` names; without it, the present one: the first that hasn't passed, or the last.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn choose(&self, wanted: Option<&str>) -> Result<&Exercise> {
        match wanted {
            Some(wanted) => Exercise::find(&self.exercises, wanted),
            None => Ok(self
                .present()?
                .unwrap_or(&self.exercises[self.exercises.len() - 1])),
        }
    }

    /// The first exercise that hasn't passed.
    ///
    /// # Errors
    /// The file system doesn't let us know.
    pub fn present(&self) -> Result<Option<&Exercise>> {
        let progress = self.progress()?;
        Ok(self
            .exercises
            .iter()
            .find(|exercise| progress.of(&exercise.name).passed.is_none()))
    }
}
