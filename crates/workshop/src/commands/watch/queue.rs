//! Decides which exercise is checked next, and runs its check.

use std::collections::VecDeque;

use anyhow::Result;
use futures_util::future::{LocalBoxFuture, pending};
use testkit::note;

use crate::{
    check::{CheckResult, Verdict},
    commands::{Workshop, check::check_and_save},
    exercise::Exercise,
};

/// The check that runs, and the exercises to check after it.
pub(super) struct Queue<'a> {
    workshop: &'a Workshop,
    /// The exercise that the attendee chose or saved last, until it passes.
    chosen: Option<&'a Exercise>,
    /// The check that runs. Dropping it ends all processes that it has started.
    running: Option<(&'a Exercise, LocalBoxFuture<'a, Result<CheckResult>>)>,
    /// Has each exercise at most once.
    waiting: VecDeque<&'a Exercise>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(workshop: &'a Workshop, chosen: Option<&'a Exercise>) -> Self {
        Self {
            workshop,
            chosen,
            running: None,
            waiting: VecDeque::new(),
        }
    }

    /// Lets the attendee work on `exercise` next.
    pub(super) fn begin(&mut self, exercise: &'a Exercise) {
        self.chosen = Some(exercise);
    }

    /// Returns the exercise that the attendee works on: the chosen one until it passes, and then the current one of the
    /// workshop.
    pub(super) fn current(&self) -> Result<&'a Exercise> {
        match self.chosen {
            Some(chosen) => Ok(chosen),
            None => self.workshop.choose(None),
        }
    }

    pub(super) fn saved(&mut self, exercise: &'a Exercise) -> Result<()> {
        let number = exercise.number;
        // Otherwise `reset --all` would check every exercise.
        if exercise.is_untouched()? {
            self.waiting.retain(|waiting| waiting.name != exercise.name);
            self.running
                .take_if(|(running, _)| running.name == exercise.name);
            note(format_args!(
                "exercise {number} is the starter again: not checked; Enter checks it"
            ));
            return Ok(());
        }
        if self.is_running(exercise) {
            note(format_args!(
                "exercise {number} was saved again: its check starts again"
            ));
            self.running = None;
            self.waiting.push_front(exercise);
        } else if self.push(exercise) && self.running.is_some() {
            note(format_args!(
                "exercise {number} was saved: it is checked next"
            ));
        }
        Ok(())
    }

    fn is_running(&self, exercise: &Exercise) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|(running, _)| running.name == exercise.name)
    }

    /// Adds `exercise`, unless it is running or waiting already. Returns whether it was added.
    pub(super) fn push(&mut self, exercise: &'a Exercise) -> bool {
        let mut waiting = self.waiting.iter();
        let new = !self.is_running(exercise) && waiting.all(|other| other.name != exercise.name);
        if new {
            self.waiting.push_back(exercise);
        }
        new
    }

    /// Starts the next check, unless one is running.
    pub(super) fn start_next(&mut self) {
        if self.running.is_none()
            && let Some(exercise) = self.waiting.pop_front()
        {
            note(format_args!("checking exercise {} ...", exercise.number));
            self.chosen = Some(exercise);
            let check = Box::pin(check_and_save(self.workshop, exercise));
            self.running = Some((exercise, check));
        }
    }

    /// Waits for the end of the check that runs. Waits forever if none is running.
    pub(super) async fn finished(&mut self) -> (&'a Exercise, Result<CheckResult>) {
        let Some((exercise, check)) = &mut self.running else {
            return pending().await;
        };
        let (exercise, result) = (*exercise, check.await);
        self.running = None;
        if let Ok(result) = &result
            && matches!(result.verdict, Verdict::Passed)
            && self
                .chosen
                .is_some_and(|chosen| chosen.name == exercise.name)
        {
            self.chosen = None;
        }
        (exercise, result)
    }
}
