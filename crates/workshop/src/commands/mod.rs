//! The commands of the command line, one file for each.

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
pub use reset::reset;
pub use solution::solution;
pub use status::status;
pub use watch::watch;

use crate::{
    exercise::Exercise,
    progress::{ExerciseState, Progress},
};

/// The exercises of a tree, and the attendee's progress in it.
pub struct Workshop {
    /// The root of the tree.
    pub root: PathBuf,
    /// The exercises, in order.
    pub exercises: Vec<Exercise>,
}

impl Workshop {
    /// Opens the workshop in the tree at `root`.
    pub fn open(root: PathBuf) -> Result<Self> {
        let exercises = Exercise::all(&root)?;
        Ok(Self { root, exercises })
    }

    /// Loads the attendee's progress.
    pub fn progress(&self) -> Result<Progress> {
        Progress::load(&self.root)
    }

    /// Loads the state of `exercise`.
    pub fn state(&self, exercise: &Exercise) -> Result<ExerciseState> {
        Ok(self.progress()?.of(&exercise.name))
    }

    /// Returns the exercise with the number or name `wanted`. Without it, returns the current
    /// exercise, or the last one if all have passed.
    pub fn choose(&self, wanted: Option<&str>) -> Result<&Exercise> {
        let last = &self.exercises[self.exercises.len() - 1];
        match wanted {
            Some(wanted) => Exercise::find(&self.exercises, wanted),
            None => Ok(self.current()?.unwrap_or(last)),
        }
    }

    /// Returns the current exercise, which is the first that hasn't passed.
    pub fn current(&self) -> Result<Option<&Exercise>> {
        let progress = self.progress()?;
        let mut exercises = self.exercises.iter();
        Ok(exercises.find(|exercise| progress.of(&exercise.name).passed.is_none()))
    }
}
