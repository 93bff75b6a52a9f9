//! The contents of `exercise.toml`.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Deserialize;

/// The contents of `exercise.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExerciseInfo {
    /// Describes the exercise in a few words.
    pub title: String,
    /// The minutes that an attendee needs the first time.
    pub minutes: u32,
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
    /// The question.
    pub question: String,
    /// The choices, `a` first.
    pub choices: Vec<String>,
    answer: char,
}

impl Prediction {
    /// Returns the choices with their letters.
    pub fn lettered(&self) -> impl Iterator<Item = (char, &str)> {
        ('a'..='z').zip(self.choices.iter().map(String::as_str))
    }

    /// Returns the right choice with its letter.
    #[must_use]
    pub fn answer(&self) -> (char, &str) {
        let mut choices = self.lettered();
        let right = choices.find(|(letter, _)| *letter == self.answer);
        right.unwrap_or((self.answer, ""))
    }

    /// Returns the letter in `text`, as in `b` or `B`, if it is the letter of a choice.
    pub fn choice(&self, text: &str) -> Result<char> {
        let chosen = text.trim().to_lowercase();
        let letters: Vec<_> = self.lettered().map(|(letter, _)| letter).collect();
        match letters.iter().find(|letter| chosen == letter.to_string()) {
            Some(letter) => Ok(*letter),
            None => bail!(
                "{text:?} is not one of the choices; choose a letter from {} to {}",
                letters[0],
                letters[letters.len() - 1]
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choice_is_a_letter_of_the_question() {
        let prediction = Prediction {
            question: String::new(),
            choices: vec!["yes".into(), "no".into()],
            answer: 'a',
        };
        assert_eq!(prediction.choice(" B\n").unwrap(), 'b');
        for other in ["c", "", "yes"] {
            let error = prediction.choice(other).unwrap_err().to_string();
            assert!(error.contains("a to b"), "{error}");
        }
    }
}
