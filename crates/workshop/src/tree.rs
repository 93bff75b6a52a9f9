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
    /// if none is left to do.
    pub fn choose(&self, wanted: Option<&str>) -> Result<&Exercise> {
        let last = &self.exercises[self.exercises.len() - 1];
        match wanted {
            Some(wanted) => Exercise::find(&self.exercises, wanted),
            None => Ok(self.current()?.unwrap_or(last)),
        }
    }

    /// Returns the exercise with the number or name `wanted`. Without it, returns all exercises.
    pub fn choose_all(&self, wanted: Option<&str>) -> Result<Vec<&Exercise>> {
        match wanted {
            Some(_) => Ok(vec![self.choose(wanted)?]),
            None => Ok(self.exercises.iter().collect()),
        }
    }

    /// Returns the current exercise, which is the next one on the page after those that have passed. At the end of the
    /// page, it is the first one that was left out. Extras are never current.
    pub(crate) fn current(&self) -> Result<Option<&Exercise>> {
        let progress = self.progress()?;
        let exercises = self.exercises.iter().filter(|it| !it.info.extra);
        let exercises: Vec<_> = exercises.collect();
        let last = exercises.iter().rposition(|it| progress.passed(it));
        let (before, after) = exercises.split_at(last.map_or(0, |last| last + 1));
        let mut in_order = after.iter().chain(before);
        Ok(in_order.find(|it| !progress.passed(it)).copied())
    }

    /// Returns the extras that haven't passed.
    pub(crate) fn extras_left(&self) -> Result<Vec<&Exercise>> {
        let progress = self.progress()?;
        let extras = self.exercises.iter().filter(|it| it.info.extra);
        Ok(extras.filter(|it| !progress.passed(it)).collect())
    }
}
