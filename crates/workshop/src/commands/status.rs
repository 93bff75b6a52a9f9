//! Where you are, and what comes next.

use std::{fs, io::Write};

use anyhow::{Context, Result};

use super::Workshop;
use crate::tell::{COMMAND, wrapped};

/// Tells `out` how much is done, and the task that comes next.
///
/// # Errors
/// Nobody can be told, or the file system doesn't let us know.
pub fn status(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    let all = workshop.exercises.len();
    let passed = workshop
        .exercises
        .iter()
        .filter(|exercise| progress.of(&exercise.name).passed.is_some())
        .count();
    writeln!(
        out,
        "Progress [{}{}] {passed} of {all} exercises\n",
        "#".repeat(passed),
        "-".repeat(all - passed)
    )?;
    let Some(exercise) = workshop.present()? else {
        writeln!(out, "All done. What you took home is in {COMMAND} report.")?;
        return Ok(());
    };
    let path = exercise.folder.join("README.md");
    let task =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    writeln!(
        out,
        "Exercise {}, {} ({} minutes)\n",
        exercise.number, exercise.card.title, exercise.card.minutes
    )?;
    // As it is written, but for the title, which was told, and for long lines.
    writeln!(
        out,
        "{}\n",
        wrapped(task.split_once('\n').map_or("", |(_, text)| text), "").join("\n")
    )?;
    let steps = if progress.of(&exercise.name).prediction.is_none() {
        format!(
            "Edit {}. Predict first: {COMMAND} predict. Then: {COMMAND} check, or {COMMAND} watch.",
            exercise.shown_file()
        )
    } else {
        format!(
            "Edit {}. Then: {COMMAND} check, or {COMMAND} watch.",
            exercise.shown_file()
        )
    };
    Ok(writeln!(out, "{}", wrapped(&steps, "").join("\n"))?)
}
