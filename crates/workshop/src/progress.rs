//! What an attendee has done so far, in `.workshop/progress.json`.

use std::{
    collections::BTreeMap,
    fs, io, iter,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What was done of one exercise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// How often it was checked.
    pub checks: u32,
    /// When it was first checked (RFC 3339, UTC).
    pub begun: Option<String>,
    /// When it first passed.
    pub passed: Option<String>,
    /// What the last check found, unless it passed.
    pub finding: Option<String>,
    /// The letter that was predicted.
    pub prediction: Option<char>,
    /// How many hints were shown.
    pub hints: usize,
    /// Whether the solution was shown before it passed.
    pub gave_up: bool,
}

/// What was done of all exercises, by name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    #[serde(skip)]
    path: PathBuf,
    exercises: BTreeMap<String, Done>,
}

impl Progress {
    /// What is known of the tree at `root`; nothing, at first. A file that can't be read as progress is put aside.
    ///
    /// # Errors
    /// The file system doesn't let us.
    pub fn load(root: &Path) -> Result<Self> {
        let path = root.join(".workshop/progress.json");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    path,
                    ..Self::default()
                });
            }
            text => text.with_context(|| format!("cannot read {}", path.display()))?,
        };
        match serde_json::from_str::<Self>(&text) {
            Ok(progress) => Ok(Self { path, ..progress }),
            Err(error) => {
                let aside = aside(&path);
                fs::rename(&path, &aside)
                    .with_context(|| format!("cannot rename {}", path.display()))?;
                eprintln!(
                    "{} is not readable ({error}); put aside as {}, and starting anew",
                    path.display(),
                    aside.display()
                );
                Ok(Self {
                    path,
                    ..Self::default()
                })
            }
        }
    }

    /// What was done of the exercise called `name`.
    #[must_use]
    pub fn of(&self, name: &str) -> Done {
        self.exercises.get(name).cloned().unwrap_or_default()
    }

    /// Notes something about the exercise called `name`, and keeps it.
    ///
    /// # Errors
    /// The file system doesn't let us.
    pub fn note(&mut self, name: &str, what: impl FnOnce(&mut Done)) -> Result<()> {
        what(self.exercises.entry(name.to_owned()).or_default());
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let keep = || -> Result<()> {
            fs::create_dir_all(folder)?;
            let file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&file, self)?;
            file.persist(&self.path)?;
            Ok(())
        };
        keep().with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// A name of its own for what can't be read: what was put aside before stays.
fn aside(path: &Path) -> PathBuf {
    let names = (2..).map(|number| path.with_extension(format!("json.unreadable-{number}")));
    iter::once(path.with_extension("json.unreadable"))
        .chain(names)
        .find(|name| !name.exists())
        .unwrap_or_default()
}

/// The present, as it is noted.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
