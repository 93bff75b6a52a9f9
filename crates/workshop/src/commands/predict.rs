//! `predict`: asks for a prediction, which the check compares with the right answer.

use std::io::Write;

use anyhow::Result;

use super::{
    Workshop,
    input::{ask, can_ask},
};
use crate::{
    exercise::{COMMAND, Exercise},
    wrap::wrapped,
};

/// Saves the prediction `choice` for `exercise`. Without a choice, shows the question and, at a terminal, asks until it
/// gets a choice or an empty line.
pub async fn predict(
    workshop: &Workshop,
    exercise: &Exercise,
    choice: Option<&str>,
    out: &mut dyn Write,
) -> Result<()> {
    if let Some(choice) = choice {
        return save(workshop, exercise, choice, out);
    }
    print_question(exercise, out)?;
    if !can_ask() {
        let number = exercise.number;
        writeln!(out, "\nAnswer with {COMMAND} predict {number} LETTER")?;
        return Ok(());
    }
    while let Some(answer) = ask("\nYour prediction (Enter to skip):").await? {
        if answer.is_empty() {
            break;
        }
        match save(workshop, exercise, &answer, out) {
            Err(error) => writeln!(out, "{error:#}")?,
            saved => return saved,
        }
    }
    Ok(())
}

pub(super) fn print_question(exercise: &Exercise, out: &mut dyn Write) -> Result<()> {
    let prediction = &exercise.info.prediction;
    writeln!(out, "{}\n", wrapped(&prediction.question, ""))?;
    for (letter, text) in prediction.lettered() {
        writeln!(out, "{}", wrapped(&format!("{letter}) {text}"), "  "))?;
    }
    Ok(out.flush()?)
}

/// Saves the letter `choice` as the prediction for `exercise`, unless the exercise has passed: then it isn't a
/// prediction any more.
pub(super) fn save(
    workshop: &Workshop,
    exercise: &Exercise,
    choice: &str,
    out: &mut dyn Write,
) -> Result<()> {
    let chosen = exercise.info.prediction.choice(choice)?;
    if workshop.state(exercise)?.passed.is_some() {
        let (letter, answer) = exercise.info.prediction.answer();
        let known = format!(
            "Not noted: exercise {} has passed already. The answer is {letter}) {answer}",
            exercise.number
        );
        return Ok(writeln!(out, "{}\n", wrapped(&known, ""))?);
    }
    workshop
        .progress()?
        .update(&exercise.name, |state| state.prediction = Some(chosen))?;
    let noted = format!("Noted: {chosen}. The check shows whether it was right.");
    Ok(writeln!(out, "{noted}\n")?)
}
