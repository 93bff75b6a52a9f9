//! `doctor`: examines whether this machine has what the workshop needs.
//!
//! Prints one line for each diagnosis, with a fix where one is needed. `tools`, `ports`, `disk`,
//! `containers` and `system` examine one kind of thing each.

mod containers;
mod disk;
mod ports;
mod system;
mod tools;

use std::{io::Write, path::Path};

use anyhow::Result;

use crate::wrap::labelled;

/// The ports of the commands in README.md.
const PORTS: [u16; 3] = [5000, 5001, 5002];

/// The result of one examination.
#[derive(Debug, PartialEq)]
enum Diagnosis {
    /// All is well.
    Ok(String),
    /// The exercises work, but something else may not. Contains the problem and the fix.
    Warning(String, String),
    /// The exercises don't work. Contains the problem and the fix.
    Missing(String, String),
}

impl Diagnosis {
    fn ok(text: impl Into<String>) -> Self {
        Self::Ok(text.into())
    }

    fn warning(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Warning(problem.into(), fix.into())
    }

    fn missing(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Missing(problem.into(), fix.into())
    }

    fn text(&self) -> String {
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

/// Examines this machine and the tree at `root`, and prints the diagnoses. Examines `ports`, or the
/// ports of README.md if there are none. Returns whether the exercises work.
pub async fn doctor(root: &Path, ports: &[u16], out: &mut dyn Write) -> Result<bool> {
    let ports = if ports.is_empty() { &PORTS } else { ports };
    let mut missing = 0;
    let diagnoses = tools::examine()
        .into_iter()
        .chain(ports.iter().map(|port| ports::of_server(*port)))
        .chain([ports::of_redis(ports::REDIS)])
        .chain(disk::examine(root))
        .chain(system::examine(root))
        .chain([containers::examine().await]);
    for diagnosis in diagnoses {
        writeln!(out, "{}", diagnosis.text())?;
        missing += usize::from(matches!(diagnosis, Diagnosis::Missing(..)));
    }
    let verdict = match missing {
        0 => "Nothing that the exercises need is missing.".to_owned(),
        1 => "One thing is missing.".to_owned(),
        many => format!("{many} things are missing."),
    };
    writeln!(out, "\n{verdict}")?;
    Ok(missing == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fix_is_wrapped_below_the_problem() {
        let fix = "a command to copy ".repeat(5);
        let text = Diagnosis::missing("redis-server is not installed", fix).text();
        let copy = "a command to copy a command to copy a command to copy a command";
        let expected = format!(
            "  missing   redis-server is not installed\n            -> {copy}\n            \
             to copy a command to copy"
        );
        assert_eq!(text, expected);
    }
}
