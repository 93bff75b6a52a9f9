//! `solution`: shows the lines that belong between the marks.

use std::io::Write;

use anyhow::{Result, ensure};

use super::Workshop;
use crate::{exercise::Exercise, output::COMMAND, wrap::wrapped};

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
    writeln!(
        out,
        "{file}, between YOUR TURN and UNTIL HERE:\n\n{solution}"
    )?;
    Ok(writeln!(
        out,
        "{}",
        wrapped(&exercise.info.explanation, "")
    )?)
}
