//! `reset`: restores the starter, and keeps a backup of the attendee's work.

use std::{fs, io::Write, path::PathBuf, time::SystemTime};

use anyhow::{Context, Result, ensure};

use super::{
    Workshop,
    input::{ask, can_ask},
};
use crate::exercise::Exercise;

/// Replaces the attendee's work on `exercises` with the starter. Asks first, unless `yes` is set. Keeps the progress.
pub async fn reset(
    workshop: &Workshop,
    mut exercises: Vec<&Exercise>,
    yes: bool,
    out: &mut dyn Write,
) -> Result<()> {
    // A deleted file gives an error here, and is restored too.
    exercises.retain(|exercise| !exercise.is_untouched().unwrap_or(false));
    if exercises.is_empty() {
        return Ok(writeln!(
            out,
            "Nothing to reset: the starter is untouched."
        )?);
    }
    for exercise in &exercises {
        writeln!(out, "{}", exercise.shown_file())?;
    }
    if !yes {
        ensure!(
            can_ask(),
            "there is no terminal to ask whether to reset that; add --yes"
        );
        let question = "Replace it with the starter? A backup is kept. [y/N]";
        let answer = ask(question).await?.unwrap_or_default().to_lowercase();
        if !["y", "yes"].contains(&answer.as_str()) {
            return Ok(writeln!(out, "Nothing was changed.")?);
        }
    }
    for exercise in exercises {
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
