//! The task of an exercise, and what the attendee has done so far: `task`, `list`, and what runs without a command.

use std::{fs, io::Write};

use anyhow::{Context, Result};

use super::Workshop;
use crate::{
    exercise::{COMMAND, Exercise},
    output::all_done,
    wrap::wrapped,
};

/// Prints the progress and the current exercise's task. It runs without a command.
pub fn status(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    print_progress(workshop, out)?;
    match workshop.current()? {
        Some(exercise) => task(workshop, exercise, out),
        None => Ok(writeln!(out, "{}", all_done(workshop)?)?),
    }
}

pub(super) fn print_progress(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    let count = |extra| {
        let mut all = workshop.exercises.clone();
        all.retain(|exercise| exercise.info.extra == extra);
        let passed = all.iter().filter(|it| progress.passed(it)).count();
        (passed, all.len())
    };
    let ((passed, all), (extras_passed, extras)) = (count(false), count(true));
    let bar = "#".repeat(passed) + &"-".repeat(all - passed);
    let extras = match extras {
        0 => String::new(),
        _ => format!(", and {extras_passed} of {extras} extras"),
    };
    Ok(writeln!(
        out,
        "Progress [{bar}] {passed} of {all} exercises{extras}\n"
    )?)
}

/// Prints the task of `exercise`, and the commands that come next.
pub fn task(workshop: &Workshop, exercise: &Exercise, out: &mut dyn Write) -> Result<()> {
    let path = exercise.folder.join("README.md");
    let page =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (number, info) = (exercise.number, &exercise.info);
    // The page's own title has no minutes.
    let (_, task) = page.split_once('\n').unwrap_or_default();
    // A terminal follows no links to files: their paths stand in the text.
    let lines = task.lines().filter(|line| !line.starts_with('['));
    let task = wrapped(&lines.collect::<Vec<_>>().join("\n"), "");
    let (title, minutes) = (&info.title, exercise.minutes());
    writeln!(out, "Exercise {number}, {title} ({minutes})\n\n{task}\n")?;
    let is_current = workshop
        .current()?
        .is_some_and(|current| current.number == number);
    let n = if is_current {
        String::new()
    } else {
        format!(" {number}")
    };
    let predict = match workshop.state(exercise)?.prediction {
        None => format!("Predict first: {COMMAND} predict{n}. "),
        Some(_) => String::new(),
    };
    let file = exercise.shown_file();
    let steps = format!("Edit {file}. {predict}Then: {COMMAND} check{n}, or {COMMAND} watch{n}.");
    Ok(writeln!(out, "{}", wrapped(&steps, ""))?)
}

/// Prints one line for each exercise: number, state, name, title and minutes.
pub fn list(workshop: &Workshop, exercises: &[&Exercise], out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    for exercise in exercises {
        let shown = if progress.passed(exercise) {
            "passed"
        } else if progress.of(&exercise.name).checks > 0 {
            "begun"
        } else {
            ""
        };
        let (number, name, title) = (exercise.number, &exercise.name, &exercise.info.title);
        let minutes = exercise.minutes();
        writeln!(
            out,
            "{number:>2}  {shown:<7} {name:<14} {title} ({minutes})"
        )?;
    }
    Ok(())
}
