//! Decides which exercise is checked next, and runs its check.

use std::collections::VecDeque;

use anyhow::Result;
use futures_util::future::{LocalBoxFuture, pending};

use crate::{
    check::CheckResult,
    commands::{Workshop, check::check_and_save},
    exercise::Exercise,
};

/// The check that runs, and the exercises to check after it.
pub(super) struct Queue<'a> {
    workshop: &'a Workshop,
    /// The exercise that was checked last.
    last: Option<&'a Exercise>,
    /// The check that runs. Dropping it ends all processes that it has started.
    running: Option<(&'a Exercise, LocalBoxFuture<'a, Result<CheckResult>>)>,
    /// Has each exercise at most once.
    waiting: VecDeque<&'a Exercise>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(workshop: &'a Workshop) -> Self {
        Self {
            workshop,
            last: None,
            running: None,
            waiting: VecDeque::new(),
        }
    }

    /// Returns the exercise that the attendee works on: the one that was checked last, until it has passed; then the
    /// first that hasn't passed.
    pub(super) fn current(&self) -> Result<&'a Exercise> {
        match self.last {
            Some(last) if self.workshop.state(last)?.passed.is_none() => Ok(last),
            _ => self.workshop.choose(None),
        }
    }

    pub(super) fn saved(&mut self, exercise: &'a Exercise) -> Result<()> {
        let number = exercise.number;
        // Otherwise `reset --all` would check every exercise.
        if exercise.is_untouched()? {
            self.waiting.retain(|waiting| waiting.name != exercise.name);
            self.running
                .take_if(|(running, _)| running.name == exercise.name);
            eprintln!("exercise {number} is the starter again: not checked; Enter checks it");
            return Ok(());
        }
        if self.is_running(exercise) {
            eprintln!("exercise {number} was saved again: its check starts again");
            self.running = None;
            self.waiting.push_front(exercise);
        } else if self.push(exercise) && self.running.is_some() {
            eprintln!("exercise {number} was saved: it is checked next");
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
            eprintln!("checking exercise {} ...", exercise.number);
            self.last = Some(exercise);
            let check = Box::pin(check_and_save(self.workshop, exercise));
            self.running = Some((exercise, check));
        }
    }

    /// Waits for the end of the check that runs. Waits forever if none is running.
    pub(super) async fn finished(&mut self) -> (&'a Exercise, Result<CheckResult>) {
        let Some((exercise, check)) = &mut self.running else {
            return pending().await;
        };
        let finished = (*exercise, check.await);
        self.running = None;
        finished
    }
}
