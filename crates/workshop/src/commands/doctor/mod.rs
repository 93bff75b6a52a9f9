//! Whether this machine has what the workshop needs, a line for each matter, and what to do about it.
//!
//! A file for each kind of matter: `tools`, `ports`, `containers`, `room` (folders and disk), `shell` (what is exported,
//! names, the clock).

mod containers;
mod ports;
mod room;
mod shell;
mod tools;

use std::{io::Write, path::Path};

use anyhow::Result;

use crate::tell::labelled;

/// The ports of the README's commands.
const PORTS: [u16; 3] = [5000, 5001, 5002];

/// How one matter stands.
#[derive(Debug)]
enum Matter {
    /// As it should.
    Ok(String),
    /// The exercises go, and something else may not: what, and the way out.
    Careful(String, String),
    /// The exercises need it: what, and how to get it.
    Missing(String, String),
}

impl Matter {
    fn ok(what: impl Into<String>) -> Self {
        Self::Ok(what.into())
    }

    fn careful(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Careful(what.into(), fix.into())
    }

    fn missing(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Missing(what.into(), fix.into())
    }

    fn lines(&self) -> Vec<String> {
        let (state, what, fix) = match self {
            Self::Ok(what) => ("ok", what, None),
            Self::Careful(what, fix) => ("careful", what, Some(fix)),
            Self::Missing(what, fix) => ("missing", what, Some(fix)),
        };
        let mut lines = labelled(state, what);
        lines.extend(
            fix.into_iter()
                .flat_map(|fix| labelled("", &format!("-> {fix}"))),
        );
        lines
    }
}

/// Tells `out` how this machine and the tree at `root` are prepared; of the ports, `ports`, or those of the README. Whether
/// nothing is missing.
///
/// # Errors
/// Nobody can be told.
pub async fn doctor(root: &Path, ports: &[u16], out: &mut dyn Write) -> Result<bool> {
    let ports = if ports.is_empty() { &PORTS } else { ports };
    let mut missing = 0;
    let matters = tools::all()
        .into_iter()
        .chain(ports.iter().map(|port| ports::of_server(*port)))
        .chain([ports::of_redis(ports::REDIS)])
        .chain(room::all(root))
        .chain(shell::all())
        .chain([containers::matter().await]);
    for matter in matters {
        writeln!(out, "{}", matter.lines().join("\n"))?;
        missing += usize::from(matches!(matter, Matter::Missing(..)));
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
    fn a_fix_is_told_under_its_matter_within_80_columns() {
        let fix = "a command to be copied ".repeat(8);
        let lines = Matter::missing("redis-server is not installed", fix).lines();
        assert_eq!(lines[0], "  missing   redis-server is not installed");
        assert!(
            lines.len() > 2
                && lines[1..]
                    .iter()
                    .all(|line| line.starts_with(&" ".repeat(12)) && line.len() <= 80),
            "{lines:#?}"
        );
    }
}
