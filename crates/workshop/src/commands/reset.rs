//! The starter again, and a backup of what was there.

use std::{fs, io::Write, path::PathBuf, time::SystemTime};

use anyhow::{Context, Result, ensure};

use super::{
    Workshop,
    input::{ask, can_ask},
};
use crate::exercise::Exercise;

/// Which exercises are reset.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// This one.
    One(&'a Exercise),
    /// All of them.
    All,
}

/// Puts the starter in the place of the work. Asks first, unless `yes` is the answer already. What was done so far stays
/// noted.
///
/// # Errors
/// Nobody can be asked, or the file system doesn't let us.
pub async fn reset(
    workshop: &Workshop,
    which: Which<'_>,
    yes: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let wanted: Vec<_> = match which {
        Which::One(exercise) => vec![exercise],
        Which::All => workshop.exercises.iter().collect(),
    };
    let mut touched = Vec::new();
    for exercise in wanted {
        // A file that is gone is one to be reset.
        if !exercise.is_untouched().unwrap_or(false) {
            touched.push(exercise);
        }
    }
    if touched.is_empty() {
        return Ok(writeln!(
            out,
            "Nothing to reset: it is the starter, untouched."
        )?);
    }
    for exercise in &touched {
        writeln!(out, "{}", exercise.shown_file())?;
    }
    if !yes {
        ensure!(
            can_ask(),
            "nobody can be asked here whether to reset that; say --yes"
        );
        let answer = ask("Put the starter in its place? A backup is kept. [y/N]")
            .await?
            .unwrap_or_default();
        if !answer.eq_ignore_ascii_case("y") && !answer.eq_ignore_ascii_case("yes") {
            return Ok(writeln!(out, "Nothing was changed.")?);
        }
    }
    for exercise in touched {
        let starter = exercise.starter()?;
        let backup = backup(workshop, exercise)?;
        let file = exercise.file();
        fs::write(&file, starter).with_context(|| format!("cannot write {}", file.display()))?;
        match backup {
            Some(backup) => writeln!(
                out,
                "{} is the starter again; what you had:\n  {}",
                exercise.shown_file(),
                backup.display()
            )?,
            None => writeln!(out, "{} is the starter again", exercise.shown_file())?,
        }
    }
    Ok(())
}

/// Copies the work to a place of its own, if there is any.
fn backup(workshop: &Workshop, exercise: &Exercise) -> Result<Option<PathBuf>> {
    let file = exercise.file();
    if !file.exists() {
        return Ok(None);
    }
    let shown = PathBuf::from(format!(
        ".workshop/backup/{:02}-{}",
        exercise.number, exercise.name
    ));
    let folder = workshop.root.join(&shown);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let time = humantime::format_rfc3339_micros(SystemTime::now())
        .to_string()
        .replace(':', "-");
    let name = format!("{time}-{}", exercise.card.file);
    fs::copy(&file, folder.join(&name))
        .with_context(|| format!("cannot keep a backup in {}", folder.display()))?;
    Ok(Some(shown.join(name)))
}
