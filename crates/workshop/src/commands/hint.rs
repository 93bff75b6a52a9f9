//! One hint more.

use std::io::Write;

use anyhow::Result;

use super::Workshop;
use crate::{
    exercise::Exercise,
    tell::{COMMAND, wrapped},
};

/// Tells `out` the hints for `exercise` that were asked for before, and the next one.
///
/// # Errors
/// Nobody can be told, or the file system doesn't let us note it.
pub fn hint(workshop: &Workshop, exercise: &Exercise, out: &mut dyn Write) -> Result<()> {
    let hints = &exercise.card.hints;
    let mut progress = workshop.progress()?;
    let shown = (progress.of(&exercise.name).hints + 1).min(hints.len());
    for (number, hint) in (1..).zip(&hints[..shown]) {
        writeln!(out, "Hint {number} of {}", hints.len())?;
        writeln!(out, "{}\n", wrapped(hint, "  ").join("\n"))?;
    }
    progress.note(&exercise.name, |done| done.hints = shown)?;
    if shown == hints.len() {
        writeln!(
            out,
            "That is all of them. If it is still unclear: {COMMAND} solution {} --i-give-up",
            exercise.number
        )?;
    }
    Ok(())
}
