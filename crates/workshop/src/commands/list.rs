//! `list`: shows all exercises.

use std::io::Write;

use anyhow::Result;

use super::Workshop;

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
