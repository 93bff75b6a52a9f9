//! An exercise: a folder of `exercises/` with its starter, its solution and its wrong solutions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

pub use crate::info::{ExerciseInfo, Prediction};

/// The first line of the place to edit contains these words.
const START_MARK: &str = "YOUR TURN";
/// The line after the place to edit contains these words.
const END_MARK: &str = "UNTIL HERE";

/// An exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// The number of the exercise, from 1.
    pub number: usize,
    /// The name, as in `count`. If the exercise is written in Rust, its binary has the same name.
    pub name: String,
    /// The folder of the exercise.
    pub folder: PathBuf,
    /// The contents of its `exercise.toml`.
    pub info: ExerciseInfo,
}

impl Exercise {
    /// Returns all exercises of the tree at `root`, in order.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let folder = root.join("exercises");
        let shown = folder.display();
        let mut folders: Vec<_> = fs::read_dir(&folder)
            .with_context(|| format!("cannot read {shown}; is this the workshop's folder?"))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.join("exercise.toml").exists())
            .collect();
        ensure!(!folders.is_empty(), "there are no exercises in {shown}");
        folders.sort();
        folders.into_iter().map(Self::load).collect()
    }

    fn load(folder: PathBuf) -> Result<Self> {
        let info = toml::from_str(&read(&folder.join("exercise.toml"))?)
            .with_context(|| format!("{}/exercise.toml", folder.display()))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let (number, name) = name
            .split_once('-')
            .and_then(|(number, name)| Some((number.parse().ok()?, name.to_owned())))
            .with_context(|| format!("{name} is not a name such as 01-count"))?;
        Ok(Self {
            number,
            name,
            folder,
            info,
        })
    }

    /// Returns the exercise of `all` with the number or name `wanted`.
    pub fn find<'a>(all: &'a [Self], wanted: &str) -> Result<&'a Self> {
        let number = wanted.parse().ok();
        all.iter()
            .find(|exercise| Some(exercise.number) == number || exercise.name == wanted)
            .with_context(|| {
                let (last, name) = (all.len(), &all[0].name);
                format!(
                    "there is no exercise {wanted:?}; give a number from 1 to {last}, \
                     or a name such as {name:?}"
                )
            })
    }

    /// Returns the path of the file to edit.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join(&self.info.file)
    }

    /// Returns the path of the file to edit from the root of the tree, for messages.
    #[must_use]
    pub fn shown_file(&self) -> String {
        let (number, name, file) = (self.number, &self.name, &self.info.file);
        format!("exercises/{number:02}-{name}/{file}")
    }

    /// Reads the starter.
    pub fn starter(&self) -> Result<String> {
        read(&self.folder.join("starter").join(&self.info.file))
    }

    /// Returns whether the file to edit is still the starter.
    pub fn is_untouched(&self) -> Result<bool> {
        Ok(read(&self.file())? == self.starter()?)
    }

    /// Reads the solution: the lines that belong between the marks.
    pub fn solution(&self) -> Result<String> {
        read(&self.sibling("solution"))
    }

    /// Reads the wrong solution `name`: lines between the marks that the check must reject.
    pub fn wrong(&self, name: &str) -> Result<String> {
        read(&self.sibling(&format!("wrong/{name}")))
    }

    /// Returns whether the exercise is written in Rust. Then it has a binary.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.file().extension().is_some_and(|kind| kind == "rs")
    }

    /// Returns a path in the exercise's folder, with the extension of the file to edit.
    fn sibling(&self, stem: &str) -> PathBuf {
        let extension = self.file().extension().unwrap_or_default().to_owned();
        self.folder.join(stem).with_extension(extension)
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Replaces the lines between the marks of `text` by `lines`.
pub fn filled(text: &str, lines: &str) -> Result<String> {
    let all: Vec<_> = text.lines().collect();
    let find = |mark: &str| {
        let position = all.iter().position(|line| line.contains(mark));
        position.with_context(|| format!("no line contains {mark}"))
    };
    let (start, end) = (find(START_MARK)?, find(END_MARK)?);
    let before = all[..=start].iter().copied();
    let after = all[end..].iter().copied();
    let lines = before.chain(lines.lines()).chain(after);
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filled_replaces_the_lines_between_the_marks() {
        let text = "a\n// YOUR TURN\nb\nc\n// UNTIL HERE\nd\n";
        let expected = "a\n// YOUR TURN\nx\n// UNTIL HERE\nd\n";
        assert_eq!(filled(text, "x\n").unwrap(), expected);
        assert!(filled("nothing", "x").is_err());
    }
}
