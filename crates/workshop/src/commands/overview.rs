//! `status`, `list` and `report`: show the progress.

use std::{fs, io::Write};

use anyhow::{Context, Result};
use serde::Serialize;

use super::Workshop;
use crate::{exercise::COMMAND, progress::ExerciseState, wrap::wrapped};

/// Prints the progress and the current exercise's task. It runs without a command.
pub fn status(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    let all = workshop.exercises.len();
    let states = workshop.exercises.iter().map(|it| progress.of(&it.name));
    let passed = states.filter(|state| state.passed.is_some()).count();
    let bar = "#".repeat(passed) + &"-".repeat(all - passed);
    writeln!(out, "Progress [{bar}] {passed} of {all} exercises\n")?;
    let Some(exercise) = workshop.current()? else {
        let text = format!("You have done all exercises. {COMMAND} report lists them.");
        return Ok(writeln!(out, "{text}")?);
    };
    let path = exercise.folder.join("README.md");
    let page =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (number, info) = (exercise.number, &exercise.info);
    // The page's own title has no minutes.
    let (_, task) = page.split_once('\n').unwrap_or_default();
    let (title, minutes, task) = (&info.title, info.minutes, wrapped(task, ""));
    writeln!(
        out,
        "Exercise {number}, {title} ({minutes} minutes)\n\n{task}\n"
    )?;
    let predict = match progress.of(&exercise.name).prediction {
        None => format!("Predict first: {COMMAND} predict. "),
        Some(_) => String::new(),
    };
    let file = exercise.shown_file();
    let steps = format!("Edit {file}. {predict}Then: {COMMAND} check, or {COMMAND} watch.");
    Ok(writeln!(out, "{}", wrapped(&steps, ""))?)
}

/// Prints one line for each exercise: number, state, name, title and minutes.
pub fn list(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    for exercise in &workshop.exercises {
        let state = progress.of(&exercise.name);
        let shown = if state.passed.is_some() {
            "passed"
        } else if state.checks > 0 {
            "begun"
        } else {
            ""
        };
        writeln!(
            out,
            "{:>2}  {shown:<7} {:<14} {} ({} min)",
            exercise.number, exercise.name, exercise.info.title, exercise.info.minutes
        )?;
    }
    Ok(())
}

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
        passed: exercises.iter().flat_map(|row| &row.state.passed).count(),
        of: exercises.len(),
        exercises,
    };
    if json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        return Ok(writeln!(out)?);
    }
    let header = "    exercise       passed  checks hints  prediction last finding";
    writeln!(out, "{header}")?;
    for row in &report.exercises {
        let state = &row.state;
        let passed = state.passed.as_ref().map_or("no", |_| "yes");
        let right = row.predicted_right;
        let prediction = right.map_or("", |right| if right { "right" } else { "wrong" });
        let finding = state.finding.as_deref().unwrap_or_default();
        let row = format!(
            "{:>2}  {:<14} {passed:<7} {:>6} {:>5}  {prediction:<10} {finding:.26}",
            row.number, row.name, state.checks, state.hints
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(writeln!(out, "{} of {} passed", report.passed, report.of)?)
}
