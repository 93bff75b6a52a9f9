//! `hint`: shows one more hint.

use std::io::Write;

use anyhow::Result;

use super::Workshop;
use crate::{exercise::Exercise, output::COMMAND, wrap::wrapped};

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
        let number = exercise.number;
        writeln!(
            out,
            "That was the last hint. {COMMAND} solution {number} --i-give-up"
        )?;
        writeln!(out, "shows the solution.")?;
    }
    Ok(())
}
