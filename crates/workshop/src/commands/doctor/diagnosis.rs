//! The result of one examination, and how it is printed.

use crate::wrap::labelled;

#[derive(Debug, PartialEq)]
pub(super) enum Diagnosis {
    Ok(String),
    /// The exercises work, but something else may not. Contains the problem and the fix.
    Warning(String, String),
    /// The exercises don't work. Contains the problem and the fix.
    Missing(String, String),
}

impl Diagnosis {
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self::Ok(text.into())
    }

    pub(super) fn warning(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Warning(problem.into(), fix.into())
    }

    pub(super) fn missing(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Missing(problem.into(), fix.into())
    }

    pub(super) fn text(&self) -> String {
        let with_fix = |label, problem, fix| {
            labelled(label, problem) + "\n" + &labelled("", &format!("-> {fix}"))
        };
        match self {
            Self::Ok(text) => labelled("ok", text),
            Self::Warning(problem, fix) => with_fix("warning", problem, fix),
            Self::Missing(problem, fix) => with_fix("missing", problem, fix),
        }
    }
}
