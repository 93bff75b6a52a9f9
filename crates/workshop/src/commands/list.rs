//! All exercises at a glance.

use std::io::Write;

use anyhow::Result;

use super::Workshop;

/// Tells `out` of each exercise its state, number, name, title and minutes.
///
/// # Errors
/// Nobody can be told, or the file system doesn't let us know.
pub fn list(workshop: &Workshop, out: &mut dyn Write) -> Result<()> {
    let progress = workshop.progress()?;
    for exercise in &workshop.exercises {
        let done = progress.of(&exercise.name);
        let state = if done.passed.is_some() {
            "passed"
        } else if done.checks > 0 {
            "begun"
        } else {
            ""
        };
        writeln!(
            out,
            "{:>2}  {state:<7} {:<14} {} ({} min)",
            exercise.number, exercise.name, exercise.card.title, exercise.card.minutes
        )?;
    }
    Ok(())
}
