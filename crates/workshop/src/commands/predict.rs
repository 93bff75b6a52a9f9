//! What will happen? Asked before a run, answered after it.

use std::io::Write;

use anyhow::Result;

use super::{
    Workshop,
    input::{ask, can_ask},
};
use crate::{
    exercise::Exercise,
    tell::{COMMAND, wrapped},
};

/// Notes the prediction `choice` for `exercise`; without one it is asked for, if somebody can be asked: an empty answer
/// skips it.
///
/// # Errors
/// `choice` is none, or the file system doesn't let us note it.
pub async fn predict(
    workshop: &Workshop,
    exercise: &Exercise,
    choice: Option<&str>,
    out: &mut dyn Write,
) -> Result<()> {
    if let Some(choice) = choice {
        return note(workshop, exercise, choice, out);
    }
    question(exercise, out)?;
    if !can_ask() {
        return Ok(writeln!(
            out,
            "\nNote one with {COMMAND} predict {} LETTER",
            exercise.number
        )?);
    }
    while let Some(answer) = ask("\nYour prediction (Enter to skip):").await? {
        if answer.is_empty() {
            break;
        }
        match note(workshop, exercise, &answer, out) {
            Err(error) => writeln!(out, "{error:#}")?,
            noted => return noted,
        }
    }
    Ok(())
}

/// Tells `out` the question and its choices.
pub(super) fn question(exercise: &Exercise, out: &mut dyn Write) -> Result<()> {
    let prediction = &exercise.card.prediction;
    writeln!(out, "{}\n", wrapped(&prediction.question, "").join("\n"))?;
    for (letter, text) in prediction.lettered() {
        writeln!(
            out,
            "{}",
            wrapped(&format!("{letter}) {text}"), "  ").join("\n")
        )?;
    }
    Ok(out.flush()?)
}

/// Notes the prediction `choice`.
pub(super) fn note(
    workshop: &Workshop,
    exercise: &Exercise,
    choice: &str,
    out: &mut dyn Write,
) -> Result<()> {
    let chosen = exercise.card.prediction.choice(choice)?;
    workshop
        .progress()?
        .note(&exercise.name, |done| done.prediction = Some(chosen))?;
    Ok(writeln!(
        out,
        "Noted: {chosen}. The check tells whether it was right.\n"
    )?)
}
