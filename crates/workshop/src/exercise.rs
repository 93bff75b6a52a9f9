//! An exercise: a folder of `exercises/`, and what its `exercise.toml` says.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The line that begins the marked place of a file has these words in it.
const FROM: &str = "YOUR TURN";
/// And the line after it these.
const UNTIL: &str = "UNTIL HERE";

/// What `exercise.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What it is about, in a few words.
    pub title: String,
    /// How long it takes somebody who does it for the first time.
    pub minutes: u32,
    /// The file to edit.
    pub file: String,
    /// What is asked before the first run.
    pub prediction: Prediction,
    /// From a nudge to nearly the solution.
    pub hints: Vec<String>,
    /// Shown after passing.
    pub explanation: String,
    /// Words that the check must say of the starter.
    pub starter: String,
    /// For each wrong solution in `wrong/`, by its name: words that the check must say of it.
    pub wrong: BTreeMap<String, String>,
}

/// A choice asked before a run, and answered after it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// What will happen?
    pub question: String,
    /// The choices, `a` first.
    pub choices: Vec<String>,
    /// The letter of the right one.
    pub answer: char,
}

impl Prediction {
    /// The choices with their letters.
    pub fn lettered(&self) -> impl Iterator<Item = (char, &str)> {
        ('a'..='z').zip(self.choices.iter().map(String::as_str))
    }

    /// The choice that `text` names, as in `b` or `B`.
    ///
    /// # Errors
    /// There is none; the message says which there are.
    pub fn choice(&self, text: &str) -> Result<char> {
        let letters: Vec<_> = self.lettered().map(|(letter, _)| letter).collect();
        let chosen = text.trim().to_lowercase();
        let mut chars = chosen.chars();
        match (chars.next(), chars.next()) {
            (Some(letter), None) if letters.contains(&letter) => Ok(letter),
            _ => bail!(
                "{text:?} is none of the choices; they are {} to {}",
                letters[0],
                letters[letters.len() - 1]
            ),
        }
    }
}

/// An exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Its place in the order, from 1.
    pub number: usize,
    /// Its name, as in `count`; of one written in Rust, the name of its binary.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// What it is.
    pub card: Card,
}

impl Exercise {
    /// All exercises of the tree at `root`, in order.
    ///
    /// # Errors
    /// There are none, or one isn't whole; the message names the file.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let folder = root.join("exercises");
        let entries = fs::read_dir(&folder).with_context(|| {
            format!(
                "cannot read {}; is this the workshop's folder?",
                folder.display()
            )
        })?;
        let mut folders: Vec<_> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.join("exercise.toml").exists())
            .collect();
        folders.sort();
        let exercises = folders
            .into_iter()
            .map(Self::at)
            .collect::<Result<Vec<_>>>()?;
        ensure!(
            !exercises.is_empty(),
            "there are no exercises in {}",
            folder.display()
        );
        Ok(exercises)
    }

    fn at(folder: PathBuf) -> Result<Self> {
        let path = folder.join("exercise.toml");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let card = toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        let folder_name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (number, name) = folder_name
            .split_once('-')
            .with_context(|| format!("{folder_name} is no 01-name"))?;
        let number = number
            .parse()
            .with_context(|| format!("{folder_name} is no 01-name"))?;
        Ok(Self {
            number,
            name: name.to_owned(),
            folder,
            card,
        })
    }

    /// The one of `all` that `wanted` names: a number or a name.
    ///
    /// # Errors
    /// There is none; the message says which there are.
    pub fn find<'a>(all: &'a [Self], wanted: &str) -> Result<&'a Self> {
        let number = wanted.parse().ok();
        all.iter()
            .find(|exercise| Some(exercise.number) == number || exercise.name == wanted)
            .with_context(|| {
                format!(
                    "there is no exercise {wanted:?}; they are 1 to {}, or by name as in {:?}",
                    all.len(),
                    all[0].name
                )
            })
    }

    /// The file to edit.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join(&self.card.file)
    }

    /// The same, as it is shown: from the root.
    #[must_use]
    pub fn shown_file(&self) -> String {
        format!(
            "exercises/{:02}-{}/{}",
            self.number, self.name, self.card.file
        )
    }

    /// What the file is at the start.
    ///
    /// # Errors
    /// It can't be read.
    pub fn starter(&self) -> Result<String> {
        read(&self.folder.join("starter").join(&self.card.file))
    }

    /// Whether the file is as it was at the start.
    ///
    /// # Errors
    /// One of the two can't be read.
    pub fn is_untouched(&self) -> Result<bool> {
        Ok(read(&self.file())? == self.starter()?)
    }

    /// What belongs in the marked place.
    ///
    /// # Errors
    /// It can't be read.
    pub fn solution(&self) -> Result<String> {
        read(&self.beside("solution"))
    }

    /// What a wrong solution has in the marked place.
    ///
    /// # Errors
    /// It can't be read.
    pub fn wrong(&self, name: &str) -> Result<String> {
        read(&self.beside(&format!("wrong/{name}")))
    }

    /// Whether it is written in Rust, and so has a binary.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        Path::new(&self.card.file)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }

    /// A file of the same kind as the one to edit.
    fn beside(&self, stem: &str) -> PathBuf {
        let extension = Path::new(&self.card.file).extension().unwrap_or_default();
        self.folder.join(stem).with_extension(extension)
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// `text` with `lines` between its marks.
///
/// # Errors
/// It has no marks.
pub fn filled(text: &str, lines: &str) -> Result<String> {
    let all: Vec<_> = text.lines().collect();
    let from = all
        .iter()
        .position(|line| line.contains(FROM))
        .with_context(|| format!("no line says {FROM}"))?;
    let until = all
        .iter()
        .position(|line| line.contains(UNTIL))
        .with_context(|| format!("no line says {UNTIL}"))?;
    let parts = all[..=from]
        .iter()
        .copied()
        .chain(lines.lines())
        .chain(all[until..].iter().copied());
    Ok(parts.map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_takes_the_place_between_the_marks() {
        let text = "a\n// YOUR TURN\nb\nc\n// UNTIL HERE\nd\n";
        assert_eq!(
            filled(text, "x\n").unwrap(),
            "a\n// YOUR TURN\nx\n// UNTIL HERE\nd\n"
        );
        assert!(filled("nothing", "x").is_err());
    }

    #[test]
    fn a_choice_is_a_letter_of_the_question() {
        let prediction = Prediction {
            question: String::new(),
            choices: vec!["yes".into(), "no".into()],
            answer: 'a',
        };
        assert_eq!(prediction.choice(" B\n").unwrap(), 'b');
        for other in ["c", "", "yes"] {
            assert!(
                prediction
                    .choice(other)
                    .unwrap_err()
                    .to_string()
                    .contains("a to b"),
                "{other}"
            );
        }
    }
}
