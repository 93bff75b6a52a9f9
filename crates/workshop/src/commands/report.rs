//! `report`: shows what the attendee has done, for the attendee or for an instructor's program.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::Workshop;
use crate::progress::ExerciseState;

#[derive(Serialize)]
struct Report<'a> {
    /// The name of the account, by which reports differ.
    user: Option<String>,
    passed: usize,
    of: usize,
    exercises: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    number: usize,
    name: &'a str,
    predicted_right: Option<bool>,
    #[serde(flatten)]
    state: ExerciseState,
}

/// Prints the state of each exercise, as a table or in JSON.
pub fn report(workshop: &Workshop, json: bool, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    let rows = workshop.exercises.iter().map(|exercise| {
        let state = progress.of(&exercise.name);
        let (answer, _) = exercise.info.prediction.answer();
        Row {
            number: exercise.number,
            name: &exercise.name,
            predicted_right: state.prediction.map(|letter| letter == answer),
            state,
        }
    });
    let exercises: Vec<_> = rows.collect();
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let report = Report {
        user: user.ok(),
        passed: exercises
            .iter()
            .filter(|row| row.state.passed.is_some())
            .count(),
        of: exercises.len(),
        exercises,
    };
    if json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        return Ok(writeln!(out)?);
    }
    writeln!(
        out,
        "    exercise       passed  checks hints  prediction last finding"
    )?;
    for Row {
        number,
        name,
        predicted_right,
        state,
    } in &report.exercises
    {
        let passed = state.passed.as_ref().map_or("no", |_| "yes");
        let prediction = predicted_right.map_or("", |right| if right { "right" } else { "wrong" });
        let finding = state.finding.as_deref().unwrap_or_default();
        let row = format!(
            "{number:>2}  {name:<14} {passed:<7} {:>6} {:>5}  {prediction:<10} {finding:.26}",
            state.checks, state.hints
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(writeln!(out, "{} of {} passed", report.passed, report.of)?)
}
