//! What was done, to be collected by an instructor.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::Workshop;
use crate::progress::Done;

#[derive(Serialize)]
struct Report<'a> {
    /// The name of the account, as a means to tell reports apart.
    user: Option<String>,
    passed: usize,
    of: usize,
    exercises: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    number: usize,
    name: &'a str,
    predicted_right: Option<bool>,
    #[serde(flatten)]
    done: Done,
}

/// Tells `out` what was done of each exercise, as a table or in JSON.
///
/// # Errors
/// Nobody can be told, or the file system doesn't let us know.
pub fn report(workshop: &Workshop, json: bool, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    let lines = workshop.exercises.iter().map(|exercise| {
        let done = progress.of(&exercise.name);
        let predicted_right = done
            .prediction
            .map(|letter| letter == exercise.card.prediction.answer);
        Line {
            number: exercise.number,
            name: &exercise.name,
            predicted_right,
            done,
        }
    });
    let exercises: Vec<_> = lines.collect();
    let passed = exercises
        .iter()
        .filter(|line| line.done.passed.is_some())
        .count();
    let user = std::env::var("USER")
        .or_else(|_| std::env::var("LOGNAME"))
        .ok();
    let report = Report {
        user,
        passed,
        of: exercises.len(),
        exercises,
    };
    if json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        return Ok(writeln!(out)?);
    }
    writeln!(
        out,
        "{:>2}  {:<14} {:<7} {:>6} {:>5}  {:<10} last finding",
        "", "exercise", "passed", "checks", "hints", "prediction"
    )?;
    for line in &report.exercises {
        let passed = if line.done.passed.is_some() {
            "yes"
        } else {
            "no"
        };
        let prediction = line
            .predicted_right
            .map_or("", |right| if right { "right" } else { "wrong" });
        let finding: String = line
            .done
            .finding
            .as_deref()
            .unwrap_or_default()
            .chars()
            .take(26)
            .collect();
        let row = format!(
            "{:>2}  {:<14} {passed:<7} {:>6} {:>5}  {prediction:<10} {finding}",
            line.number, line.name, line.done.checks, line.done.hints
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(writeln!(out, "{} of {} passed", report.passed, report.of)?)
}
