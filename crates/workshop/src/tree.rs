//! The exercises of a tree, and the attendee's progress in it.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    exercise::Exercise,
    progress::{ExerciseState, Progress},
};

pub struct Workshop {
    pub root: PathBuf,
    pub exercises: Vec<Exercise>,
}

impl Workshop {
    pub fn open(root: PathBuf) -> Result<Self> {
        let exercises = Exercise::all(&root)?;
        Ok(Self { root, exercises })
    }

    pub(crate) fn progress(&self) -> Result<Progress> {
        Progress::load(&self.root)
    }

    pub(crate) fn state(&self, exercise: &Exercise) -> Result<ExerciseState> {
        Ok(self.progress()?.of(&exercise.name))
    }

    /// Returns the exercise with the number or name `wanted`. Without it, returns the current exercise, or the last one
    /// if all have passed.
    pub fn choose(&self, wanted: Option<&str>) -> Result<&Exercise> {
        let last = &self.exercises[self.exercises.len() - 1];
        match wanted {
            Some(wanted) => Exercise::find(&self.exercises, wanted),
            None => Ok(self.current()?.unwrap_or(last)),
        }
    }

    /// Returns the current exercise, which is the first that hasn't passed.
    pub(crate) fn current(&self) -> Result<Option<&Exercise>> {
        let progress = self.progress()?;
        let mut exercises = self.exercises.iter();
        Ok(exercises.find(|exercise| progress.of(&exercise.name).passed.is_none()))
    }
}
