//! The progress of an attendee, stored in `.workshop/progress.json`.

use std::{
    collections::BTreeMap,
    fs, io, iter,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use testkit::note;

use crate::{exercise::Exercise, wrap::wrapped};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExerciseState {
    pub(crate) checks: u32,
    /// The time of the first check (RFC 3339, UTC).
    pub(crate) begun: Option<String>,
    /// The time when the exercise first passed.
    pub(crate) passed: Option<String>,
    /// The meaning of the last check's finding, unless that check passed.
    pub(crate) finding: Option<String>,
    /// The letter that the attendee predicted.
    pub(crate) prediction: Option<char>,
    pub(crate) hints: usize,
    /// Whether the solution was shown before the exercise passed.
    pub(crate) gave_up: bool,
}

/// The state of all exercises, by name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    #[serde(skip)]
    path: PathBuf,
    exercises: BTreeMap<String, ExerciseState>,
}

impl Progress {
    /// Loads the progress of the tree at `root`. If the file can't be parsed, renames it and starts with empty
    /// progress.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join(".workshop/progress.json");
        let shown = path.display();
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                "{\"exercises\":{}}".to_owned()
            }
            text => text.with_context(|| format!("cannot read {shown}"))?,
        };
        let mut progress = serde_json::from_str(&text).or_else(|error| {
            let backup = unused_name(&path);
            fs::rename(&path, &backup).with_context(|| format!("cannot rename {shown}"))?;
            let backup = backup.file_name().unwrap_or_default().display();
            let message = format!(
                "your progress is not readable: {error}. Its file .workshop/progress.json \
                 was renamed to {backup}, and your progress starts again."
            );
            note(wrapped(&message, ""));
            anyhow::Ok(Self::default())
        })?;
        progress.path = path;
        Ok(progress)
    }

    pub(crate) fn of(&self, name: &str) -> ExerciseState {
        self.exercises.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn passed(&self, exercise: &Exercise) -> bool {
        self.of(&exercise.name).passed.is_some()
    }

    /// Changes the state of the exercise `name`, and saves the progress.
    pub(crate) fn update(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut ExerciseState),
    ) -> Result<()> {
        change(self.exercises.entry(name.to_owned()).or_default());
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let save = || -> Result<()> {
            fs::create_dir_all(folder)?;
            let file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&file, self)?;
            file.persist(&self.path)?;
            Ok(())
        };
        save().with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Returns a name for an unreadable file that replaces no earlier one.
fn unused_name(path: &Path) -> PathBuf {
    let names = (2..).map(|number| path.with_extension(format!("json.unreadable-{number}")));
    iter::once(path.with_extension("json.unreadable"))
        .chain(names)
        .find(|name| !name.exists())
        .unwrap_or_default()
}

/// Returns the current time as the progress stores it.
pub(crate) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
