//! What will happen? Asked before a run, answered after it.

use std::io::Write;

use anyhow::Result;

use super::{Workshop, ask, can_ask};
use crate::{
    exercise::Exercise,
    tell::{COMMAND, wrapped},
};

/// Notes the prediction `choice` for `exercise`; without one it is asked for, if somebody can be asked: an empty answer
/// skips it.
///
/// # Errors
/// `choice` is none, or the file system doesn't let us note it.
pub fn predict(workshop: &Workshop, exercise: &Exercise, choice: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let prediction = &exercise.card.prediction;
    let chosen = if let Some(choice) = choice {
        prediction.choice(choice)?
    } else {
        writeln!(out, "{}\n", wrapped(&prediction.question, "").join("\n"))?;
        for (letter, text) in prediction.lettered() {
            writeln!(out, "{}", wrapped(&format!("{letter}) {text}"), "  ").join("\n"))?;
        }
        out.flush()?;
        if !can_ask() {
            writeln!(out, "\nNote one with {COMMAND} predict {} LETTER", exercise.number)?;
            return Ok(());
        }
        loop {
            match ask("\nYour prediction (Enter to skip):")? {
                None => return Ok(()),
                Some(answer) if answer.is_empty() => return Ok(()),
                Some(answer) => match prediction.choice(&answer) {
                    Ok(letter) => break letter,
                    Err(error) => println!("{error}"),
                },
            }
        }
    };
    workshop.progress()?.note(&exercise.name, |done| done.prediction = Some(chosen))?;
    Ok(writeln!(out, "Noted: {chosen}. The check tells whether it was right.\n")?)
}
