//! Without a command: shows the progress and the next task.

use std::{fs, io::Write};

use anyhow::{Context, Result};

use super::Workshop;
use crate::{output::COMMAND, wrap::wrapped};

/// Prints the progress and the current exercise's task.
pub fn status(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    let all = workshop.exercises.len();
    let passed = workshop
        .exercises
        .iter()
        .filter(|exercise| progress.of(&exercise.name).passed.is_some())
        .count();
    let bar = "#".repeat(passed) + &"-".repeat(all - passed);
    writeln!(out, "Progress [{bar}] {passed} of {all} exercises\n")?;
    let Some(exercise) = workshop.current()? else {
        writeln!(
            out,
            "You have done all exercises. {COMMAND} report lists them."
        )?;
        return Ok(());
    };
    let path = exercise.folder.join("README.md");
    let page =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (number, info) = (exercise.number, &exercise.info);
    // The page's own title has no minutes.
    let (_, task) = page.split_once('\n').unwrap_or_default();
    writeln!(
        out,
        "Exercise {number}, {} ({} minutes)\n",
        info.title, info.minutes
    )?;
    writeln!(out, "{}\n", wrapped(task, ""))?;
    let predict = match progress.of(&exercise.name).prediction {
        None => format!("Predict first: {COMMAND} predict. "),
        Some(_) => String::new(),
    };
    let file = exercise.shown_file();
    let steps = format!("Edit {file}. {predict}Then: {COMMAND} check, or {COMMAND} watch.");
    Ok(writeln!(out, "{}", wrapped(&steps, ""))?)
}
