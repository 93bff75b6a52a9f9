//! `reset`: restores the starter, and keeps a backup of the attendee's work.

use std::{fs, io::Write, path::PathBuf, time::SystemTime};

use anyhow::{Context, Result, ensure};

use super::{
    Workshop,
    input::{ask, can_ask},
};
use crate::exercise::Exercise;

/// The exercises to reset.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// This exercise.
    One(&'a Exercise),
    /// All exercises.
    All,
}

/// Replaces the attendee's work by the starter. Asks first, unless `yes` is set. Progress is kept.
pub async fn reset(
    workshop: &Workshop,
    which: Which<'_>,
    yes: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let mut changed: Vec<_> = match which {
        Which::One(exercise) => vec![exercise],
        Which::All => workshop.exercises.iter().collect(),
    };
    // A deleted file gives an error here, and is restored too.
    changed.retain(|exercise| !exercise.is_untouched().unwrap_or(false));
    if changed.is_empty() {
        writeln!(out, "Nothing to reset: the starter is untouched.")?;
        return Ok(());
    }
    for exercise in &changed {
        writeln!(out, "{}", exercise.shown_file())?;
    }
    if !yes {
        ensure!(
            can_ask(),
            "there is no terminal to ask whether to reset that; add --yes"
        );
        let question = "Replace it by the starter? A backup is kept. [y/N]";
        let answer = ask(question).await?.unwrap_or_default().to_lowercase();
        if !["y", "yes"].contains(&answer.as_str()) {
            return Ok(writeln!(out, "Nothing was changed.")?);
        }
    }
    for exercise in changed {
        let starter = exercise.starter()?;
        let backup = back_up(workshop, exercise)?;
        let file = exercise.file();
        fs::write(&file, starter).with_context(|| format!("cannot write {}", file.display()))?;
        write!(out, "{} is the starter again", exercise.shown_file())?;
        match backup {
            Some(backup) => writeln!(out, "; your work is in\n  {}", backup.display())?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// Copies the work to a file of its own, if there is any. Returns the path from the root.
fn back_up(workshop: &Workshop, exercise: &Exercise) -> Result<Option<PathBuf>> {
    let Exercise { number, name, .. } = exercise;
    let file = exercise.file();
    if !file.exists() {
        return Ok(None);
    }
    let shown = PathBuf::from(format!(".workshop/backup/{number:02}-{name}"));
    let folder = workshop.root.join(&shown);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let time = humantime::format_rfc3339_micros(SystemTime::now());
    let name = format!("{time}-{}", exercise.info.file).replace(':', "-");
    fs::copy(&file, folder.join(&name))
        .with_context(|| format!("cannot write a backup to {}", folder.display()))?;
    Ok(Some(shown.join(name)))
}
