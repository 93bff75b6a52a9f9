//! `report`: what the attendee has done, and what they can take home from it.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::Workshop;
use crate::{exercise::Exercise, progress::ExerciseState, step::Step, wrap::wrapped};

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
    extra: bool,
    predicted_right: Option<bool>,
    #[serde(flatten)]
    state: ExerciseState,
}

impl Row<'_> {
    /// Returns the row of the table. A star marks an extra.
    fn text(&self) -> String {
        let state = &self.state;
        let star = if self.extra { '*' } else { ' ' };
        let passed = state.passed.as_ref().map_or("no", |_| "yes");
        let right = self.predicted_right;
        let prediction = right.map_or("", |right| if right { "right" } else { "wrong" });
        let finding = state.finding.as_deref().unwrap_or_default();
        let row = format!(
            "{:>2}{star} {:<14} {passed:<7} {:>6} {:>5}  {prediction:<10} {finding:.26}",
            self.number, self.name, state.checks, state.hints
        );
        row.trim_end().to_owned()
    }
}

/// Prints the state of `exercises`, as a table or in JSON. Below the table stands what to take home from the steps.
pub fn report(
    workshop: &Workshop,
    exercises: &[&Exercise],
    json: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let progress = workshop.progress()?;
    let rows = exercises.iter().map(|exercise| {
        let state = progress.of(&exercise.name);
        let (answer, _) = exercise.info.prediction.answer();
        Row {
            number: exercise.number,
            name: &exercise.name,
            extra: exercise.info.extra,
            predicted_right: state.prediction.map(|letter| letter == answer),
            state,
        }
    });
    let rows: Vec<_> = rows.collect();
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let report = Report {
        user: user.ok(),
        passed: rows.iter().flat_map(|row| &row.state.passed).count(),
        of: rows.len(),
        exercises: rows,
    };
    if json {
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?);
    }
    let header = "    exercise       passed  checks hints  prediction last finding";
    writeln!(out, "{header}")?;
    for row in &report.exercises {
        writeln!(out, "{}", row.text())?;
    }
    let any_extra = report.exercises.iter().any(|row| row.extra);
    let legend = if any_extra { " (* extra)" } else { "" };
    writeln!(out, "{} of {} passed{legend}", report.passed, report.of)?;
    print_take_home(workshop, exercises, out)
}

/// Prints what to take home from each step, up to the last one of which any of the `exercises` has passed. What is to
/// come would answer questions too early.
fn print_take_home(
    workshop: &Workshop,
    exercises: &[&Exercise],
    out: &mut dyn Write,
) -> Result<()> {
    let progress = workshop.progress()?;
    let is_shown = |folder: &String| {
        let mut exercises = exercises.iter();
        exercises.any(|it| it.folder.ends_with(folder) && progress.passed(it))
    };
    let steps = Step::all(&workshop.root)?;
    let last = steps
        .iter()
        .rposition(|step| step.exercises.iter().any(is_shown));
    let Some(last) = last else {
        return Ok(());
    };
    writeln!(out, "\nTake home")?;
    for step in &steps[..=last] {
        writeln!(out, "{}", wrapped(&step.title, "  "))?;
        writeln!(out, "{}", wrapped(&step.take_home, "    "))?;
    }
    Ok(())
}
