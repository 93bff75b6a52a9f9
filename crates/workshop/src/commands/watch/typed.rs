//! What can be typed while files are watched.

/// What there is, for who asks.
pub(super) const MENU: &str =
    "Type h for a hint, p to predict, l for the list, t for the task, q to quit; Enter checks now.";

/// A line that was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Check the present exercise now.
    Check,
    Hint,
    List,
    /// Where you are, and what comes next.
    Task,
    /// Show the question that is to be answered with a prediction.
    Question,
    /// The letter that is predicted.
    Prediction(String),
    Quit,
    /// None of these.
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
    fn a_line_is_a_letter_or_a_word() {
        assert_eq!(Typed::from(""), Typed::Check);
        assert_eq!(Typed::from(" H "), Typed::Hint);
        assert_eq!(Typed::from("predict"), Typed::Question);
        assert_eq!(Typed::from("p b"), Typed::Prediction("b".to_owned()));
        assert_eq!(Typed::from("quit"), Typed::Quit);
        assert_eq!(Typed::from("help me"), Typed::Unknown("help me".to_owned()));
    }
}
