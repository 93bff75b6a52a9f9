//! The lines that an attendee can type during `watch`.

/// Describes what can be typed.
pub(super) const MENU: &str =
    "Type h for a hint, p to predict, l for the list, t for the task, q to quit; Enter checks now.";

/// A line that was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Check the current exercise now.
    Check,
    Hint,
    List,
    /// Show the progress and the next task.
    Task,
    /// Show the question for a prediction.
    Question,
    /// Save a prediction.
    Prediction(String),
    Quit,
    Unknown(String),
}

impl From<&str> for Typed {
    fn from(line: &str) -> Self {
        let line = line.trim();
        let words: Vec<_> = line.split_whitespace().map(str::to_lowercase).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] | ["c" | "check"] => Self::Check,
            ["h" | "hint"] => Self::Hint,
            ["l" | "list"] => Self::List,
            ["t" | "task"] => Self::Task,
            ["p" | "predict"] => Self::Question,
            ["p" | "predict", letter] => Self::Prediction(letter.to_owned()),
            ["q" | "quit" | "exit"] => Self::Quit,
            _ => Self::Unknown(line.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_a_letter_or_a_word() {
        for (line, expected) in [
            ("", Typed::Check),
            (" H ", Typed::Hint),
            ("predict", Typed::Question),
            ("p b", Typed::Prediction("b".to_owned())),
            ("quit", Typed::Quit),
            ("help me", Typed::Unknown("help me".to_owned())),
        ] {
            assert_eq!(Typed::from(line), expected, "{line:?}");
        }
    }
}
