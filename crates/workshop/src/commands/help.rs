//! `hint` and `solution`: help an attendee who is stuck.

use std::io::Write;

use anyhow::{Result, ensure};

use super::Workshop;
use crate::{
    exercise::{COMMAND, Exercise},
    wrap::wrapped,
};

/// Prints the hints for `exercise` that were shown before, and the next one.
pub fn hint(workshop: &Workshop, exercise: &Exercise, out: &mut dyn Write) -> Result<()> {
    let hints = &exercise.info.hints;
    let count = hints.len();
    let shown = (workshop.state(exercise)?.hints + 1).min(count);
    for (number, hint) in (1..).zip(&hints[..shown]) {
        writeln!(out, "Hint {number} of {count}\n{}\n", wrapped(hint, "  "))?;
    }
    workshop
        .progress()?
        .update(&exercise.name, |state| state.hints = shown)?;
    if shown == count {
        let command = format!("{COMMAND} solution {} --i-give-up", exercise.number);
        writeln!(
            out,
            "That was the last hint. {command}\nshows the solution."
        )?;
    }
    Ok(())
}

/// Prints the solution of `exercise` if it has passed, or if the attendee gives up.
pub fn solution(
    workshop: &Workshop,
    exercise: &Exercise,
    give_up: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let passed = workshop.state(exercise)?.passed.is_some();
    ensure!(
        passed || give_up,
        "exercise {} hasn't passed yet; {COMMAND} hint helps, and --i-give-up shows the solution",
        exercise.number
    );
    if !passed {
        workshop
            .progress()?
            .update(&exercise.name, |state| state.gave_up = true)?;
    }
    let (file, solution) = (exercise.shown_file(), exercise.solution()?);
    let explanation = wrapped(&exercise.info.explanation, "");
    let place = format!("{file}, between YOUR TURN and UNTIL HERE:");
    Ok(writeln!(out, "{place}\n\n{solution}\n{explanation}")?)
}
