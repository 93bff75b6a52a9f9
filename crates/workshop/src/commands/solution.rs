//! What belongs in the marked place.

use std::io::Write;

use anyhow::{Result, ensure};

use super::Workshop;
use crate::{
    exercise::Exercise,
    tell::{COMMAND, wrapped},
};

/// Tells `out` the solution of `exercise`: after it has passed, or to who gives up.
///
/// # Errors
/// It hasn't passed, and nobody gives up.
pub fn solution(
    workshop: &Workshop,
    exercise: &Exercise,
    give_up: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let mut progress = workshop.progress()?;
    let passed = progress.of(&exercise.name).passed.is_some();
    ensure!(
        passed || give_up,
        "exercise {} hasn't passed yet; {COMMAND} hint helps, and --i-give-up shows the solution all the same",
        exercise.number
    );
    if !passed {
        progress.note(&exercise.name, |done| done.gave_up = true)?;
    }
    writeln!(
        out,
        "{}, between YOUR TURN and UNTIL HERE:\n",
        exercise.shown_file()
    )?;
    writeln!(out, "{}", exercise.solution()?)?;
    Ok(writeln!(
        out,
        "{}",
        wrapped(&exercise.card.explanation, "").join("\n")
    )?)
}
