//! Checks an exercise on each save of its file.
//!
//! `changes` hears that something may have changed, `saves` knows which files have another text then, `typed` is what can
//! be typed meanwhile.

mod changes;
mod saves;
mod typed;

use std::{collections::VecDeque, io::Write, path::Path};

use anyhow::Result;
use futures_util::future::{LocalBoxFuture, pending};

use self::{changes::Changes, saves::Saves, typed::Typed};
use super::{
    Workshop,
    check::{noted, told},
    hint, input, list,
    predict::{note, question},
    status,
};
use crate::{check::Checked, exercise::Exercise, place::is_in_windows, tell::wrapped};

/// What is going on.
struct Watch<'a> {
    workshop: &'a Workshop,
    out: &'a mut dyn Write,
    /// The exercise that was checked last.
    last: Option<&'a Exercise>,
    /// The check that runs. Whatever it has started ends with it.
    running: Option<(&'a Exercise, LocalBoxFuture<'a, Result<Checked>>)>,
    /// Those to be checked after it, each once.
    queue: VecDeque<&'a Exercise>,
}

/// Checks each exercise whose file is saved, until `q` is typed. The system tells of saves; where it can't, or with `poll`,
/// the files are looked at every second.
///
/// One exercise is checked at a time. If it is saved meanwhile, its check starts over at once, because nobody waits for a
/// verdict on what is gone; if another is saved, that one is checked next.
///
/// # Errors
/// Nobody can be told, or the file system doesn't let us.
pub async fn watch(workshop: &Workshop, poll: bool, out: &mut dyn Write) -> Result<()> {
    status(workshop, out)?;
    let mut saves = Saves::of(&workshop.exercises);
    let (mut changes, how) = changes_in(&workshop.root.join("exercises"), poll);
    writeln!(
        out,
        "\n{}",
        wrapped(&format!("Each save is checked{how}. {}", typed::MENU), "").join("\n")
    )?;
    out.flush()?;
    let mut lines = input::lines();
    let mut input_ended = false;
    let mut watch = Watch {
        workshop,
        out,
        last: None,
        running: None,
        queue: VecDeque::new(),
    };
    loop {
        watch.start_next();
        tokio::select! {
            () = changes.next() => {
                for exercise in saves.take() {
                    watch.saved(exercise)?;
                }
            }
            line = lines.recv(), if !input_ended => match line {
                Some(line) => {
                    if !watch.typed(&Typed::from(line.as_str()))? {
                        return Ok(());
                    }
                }
                None => input_ended = true,
            },
            checked = finished(&mut watch.running) => watch.checked(&checked?)?,
        }
    }
}

/// Word of changes in `folder`, and how it comes if not from the system.
fn changes_in(folder: &Path, poll: bool) -> (Changes, String) {
    let why = if poll {
        String::new()
    } else if is_in_windows(folder) {
        ": this folder is on Windows, and Linux hears nothing of its files".to_owned()
    } else {
        match Changes::told(folder) {
            Ok(changes) => return (changes, String::new()),
            Err(error) => format!(": the system can't tell ({error})"),
        }
    };
    (
        Changes::polled(),
        format!(", within a second (polling{why})"),
    )
}

/// Waits for the end of a check, if one runs.
async fn finished(
    running: &mut Option<(&Exercise, LocalBoxFuture<'_, Result<Checked>>)>,
) -> Result<Checked> {
    match running {
        Some((_, check)) => check.await,
        None => pending().await,
    }
}

impl<'a> Watch<'a> {
    /// The exercise at hand: the one checked last, as long as it hasn't passed; then the first that hasn't.
    fn present(&self) -> Result<&'a Exercise> {
        let progress = self.workshop.progress()?;
        match self.last {
            Some(last) if progress.of(&last.name).passed.is_none() => Ok(last),
            _ => self.workshop.choose(None),
        }
    }

    fn saved(&mut self, exercise: &'a Exercise) -> Result<()> {
        // So that a reset of all is not followed by as many checks.
        if exercise.is_untouched()? {
            self.queue.retain(|queued| queued.name != exercise.name);
            if self.is_running(exercise) {
                self.running = None;
            }
            eprintln!(
                "exercise {} is the starter again: not checked; Enter does",
                exercise.number
            );
            return Ok(());
        }
        if self.is_running(exercise) {
            eprintln!(
                "exercise {} is saved again: its check starts over",
                exercise.number
            );
            self.running = None;
            self.queue.push_front(exercise);
        } else if self.enqueue(exercise) && self.running.is_some() {
            eprintln!("exercise {} is saved: it is checked next", exercise.number);
        }
        Ok(())
    }

    fn is_running(&self, exercise: &Exercise) -> bool {
        self.running
            .as_ref()
            .is_some_and(|(running, _)| running.name == exercise.name)
    }

    /// Has `exercise` checked, unless it is about to be; whether it wasn't.
    fn enqueue(&mut self, exercise: &'a Exercise) -> bool {
        let new = !self.is_running(exercise)
            && !self.queue.iter().any(|queued| queued.name == exercise.name);
        if new {
            self.queue.push_back(exercise);
        }
        new
    }

    fn start_next(&mut self) {
        if self.running.is_none()
            && let Some(exercise) = self.queue.pop_front()
        {
            eprintln!("checking exercise {} ...", exercise.number);
            self.last = Some(exercise);
            self.running = Some((exercise, Box::pin(noted(self.workshop, exercise))));
        }
    }

    fn checked(&mut self, checked: &Checked) -> Result<()> {
        if let Some((exercise, _)) = self.running.take() {
            told(self.workshop, exercise, checked, self.out)?;
        }
        Ok(self.out.flush()?)
    }

    /// Does what was typed; whether to go on.
    fn typed(&mut self, typed: &Typed) -> Result<bool> {
        let present = self.present()?;
        match typed {
            Typed::Check => drop(self.enqueue(present)),
            Typed::Hint => hint(self.workshop, present, self.out)?,
            Typed::List => list(self.workshop, self.out)?,
            Typed::Task => status(self.workshop, self.out)?,
            Typed::Question => {
                question(present, self.out)?;
                writeln!(self.out, "\nNote one: type p and its letter.")?;
            }
            Typed::Prediction(letter) => {
                if let Err(error) = note(self.workshop, present, letter, self.out) {
                    writeln!(self.out, "{error:#}")?;
                }
            }
            Typed::Quit => return Ok(false),
            Typed::Unknown(line) => {
                let told = format!("{line:?} is nothing to type here. {}", typed::MENU);
                writeln!(self.out, "{}", wrapped(&told, "").join("\n"))?;
            }
        }
        self.out.flush()?;
        Ok(true)
    }
}
