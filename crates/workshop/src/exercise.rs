//! An exercise: a folder of `exercises/` with its `exercise.toml`, starter, solution, and other solutions.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The command that starts this program, for messages.
pub(crate) const COMMAND: &str = "scripts/workshop.sh";

#[derive(Debug, Clone)]
pub struct Exercise {
    /// The number of the exercise, from 1.
    pub number: usize,
    /// The name, as in `count`. If the exercise is written in Rust, its binary has the same name.
    pub name: String,
    pub folder: PathBuf,
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

    pub fn find<'a>(all: &'a [Self], wanted: &str) -> Result<&'a Self> {
        let number = wanted.parse().ok();
        all.iter()
            .find(|exercise| Some(exercise.number) == number || exercise.name == wanted)
            .with_context(|| {
                let (last, name) = (all[all.len() - 1].number, &all[0].name);
                format!(
                    "there is no exercise {wanted:?}; give a number from 1 to {last}, \
                     or a name such as {name:?}"
                )
            })
    }

    pub fn file(&self) -> PathBuf {
        self.folder.join(&self.info.file)
    }

    /// Returns the path of the file to edit from the root of the tree, for messages.
    pub fn shown_file(&self) -> String {
        let (number, name, file) = (self.number, &self.name, &self.info.file);
        format!("exercises/{number:02}-{name}/{file}")
    }

    /// Returns the minutes of the exercise for a list, as in `10 min, extra`.
    pub(crate) fn minutes(&self) -> String {
        let extra = if self.info.extra { ", extra" } else { "" };
        format!("{} min{extra}", self.info.minutes)
    }

    pub fn starter(&self) -> Result<String> {
        read(&self.folder.join("starter").join(&self.info.file))
    }

    /// Returns whether the file to edit is still the starter.
    pub fn is_untouched(&self) -> Result<bool> {
        Ok(self.work()? == self.starter()?)
    }

    /// Reads the attendee's file.
    pub(crate) fn work(&self) -> Result<String> {
        read(&self.file())
    }

    /// Reads the solution: the lines that belong between the marks.
    pub fn solution(&self) -> Result<String> {
        read(&self.sibling("solution"))
    }

    /// Reads the wrong solution `name`: lines between the marks that the check must reject.
    pub fn wrong(&self, name: &str) -> Result<String> {
        read(&self.sibling(&format!("wrong/{name}")))
    }

    /// Reads the other right solutions, which are in `right/`: the name of each, and its lines between the marks.
    pub fn right(&self) -> Result<Vec<(String, String)>> {
        let folder = self.folder.join("right");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
        let named = |path: PathBuf| Ok((path.display().to_string(), read(&path)?));
        files.map(named).collect()
    }

    /// Returns whether the exercise is written in Rust. Then it has a binary.
    pub fn is_rust(&self) -> bool {
        self.file().extension().is_some_and(|kind| kind == "rs")
    }

    /// Returns a path in the exercise's folder, with the extension of the file to edit.
    fn sibling(&self, stem: &str) -> PathBuf {
        let extension = self.file().extension().unwrap_or_default().to_owned();
        self.folder.join(stem).with_extension(extension)
    }
}

/// The contents of `exercise.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExerciseInfo {
    /// Describes the exercise in a few words.
    pub title: String,
    /// The minutes that an attendee needs the first time.
    pub minutes: u32,
    /// Whether the exercise is an extra, as workshop.md says too. The way through the workshop passes it by.
    #[serde(default)]
    pub extra: bool,
    /// The file to edit.
    pub file: String,
    /// The question that the attendee answers before the first check.
    pub prediction: Prediction,
    /// The hints, from a nudge to nearly the solution.
    pub hints: Vec<String>,
    /// The explanation that is shown when the exercise has passed.
    pub explanation: String,
    /// Words that must be in the check's result for the starter.
    pub starter: String,
    /// For each wrong solution in `wrong/`: words that must be in the check's result for it.
    pub wrong: BTreeMap<String, String>,
}

/// A question with several choices.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    pub question: String,
    /// The choices, `a` first.
    pub choices: Vec<String>,
    answer: char,
}

impl Prediction {
    /// Returns the choices with their letters.
    pub fn lettered(&self) -> impl Iterator<Item = (char, &str)> + Clone {
        ('a'..='z').zip(self.choices.iter().map(String::as_str))
    }

    /// Returns the right choice with its letter.
    pub fn answer(&self) -> (char, &str) {
        let mut choices = self.lettered();
        let right = choices.find(|(letter, _)| *letter == self.answer);
        right.unwrap_or((self.answer, ""))
    }

    /// Returns the letter in `text`, as in `b` or `B`, if it is the letter of a choice.
    pub fn choice(&self, text: &str) -> Result<char> {
        let chosen = text.trim().to_lowercase();
        let mut letters = self.lettered().map(|(letter, _)| letter);
        let last = letters.clone().last().unwrap_or('a');
        let choice = letters.find(|letter| chosen == letter.to_string());
        choice.with_context(|| {
            format!("{text:?} is not one of the choices; choose a letter from a to {last}")
        })
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
