//! The result of the story in one table: what a visitor saw, for each store and incident.

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};
use testkit::Demo;

/// Something that can happen to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incident {
    /// The server restarts.
    Restart,
    /// A second instance joins.
    SecondInstance,
    /// An instance is killed.
    InstanceDies,
    /// The user logs out everywhere.
    LogoutAll,
    /// The session outgrows a cookie.
    Over4Kb,
    /// Redis fails.
    RedisGone,
}

impl Incident {
    const ALL: [Self; 6] = [
        Self::Restart,
        Self::SecondInstance,
        Self::InstanceDies,
        Self::LogoutAll,
        Self::Over4Kb,
        Self::RedisGone,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::SecondInstance => "2nd instance",
            Self::InstanceDies => "instance dies",
            Self::LogoutAll => "logout all",
            Self::Over4Kb => "over 4 KB",
            Self::RedisGone => "Redis gone",
        }
    }
}

/// The cells that scenes have measured.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    cells: Vec<(Demo, Incident, &'static str)>,
    all_scenes: bool,
}

impl Matrix {
    /// Creates an empty matrix. If `all_scenes` run, the legend says that no scene measures a cell
    /// that is still empty in the end.
    pub(crate) fn new(all_scenes: bool) -> Self {
        Self {
            cells: Vec::new(),
            all_scenes,
        }
    }

    /// Records what a visitor with a session in `store` `saw` after `incident`.
    pub(crate) fn record(&mut self, store: Demo, incident: Incident, saw: &'static str) {
        self.cells.push((store, incident, saw));
    }

    /// Adds the cells of `other`.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cells.extend(&other.cells);
    }

    fn cell(&self, store: Demo, incident: Incident) -> Option<&'static str> {
        self.cells
            .iter()
            .find(|cell| (cell.0, cell.1) == (store, incident))
            .map(|cell| cell.2)
    }
}

/// Writes a line for each store and a legend, in at most 80 columns.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |name: &str, cells: [&str; 6]| {
            let cells = cells.iter().zip(Incident::ALL).map(|(cell, incident)| {
                let width = incident.name().len();
                format!("  {cell:<width$}")
            });
            let line = format!("{name:<7}{}", cells.collect::<String>());
            line.trim_end().to_owned()
        };
        writeln!(f, "{}", line("", Incident::ALL.map(Incident::name)))?;
        for store in Demo::STORES {
            let cells = Incident::ALL.map(|incident| self.cell(store, incident).unwrap_or("—"));
            writeln!(f, "{}", line(store.name(), cells))?;
        }
        let empty = if self.all_scenes {
            "no scene measures it"
        } else {
            "not measured in this run"
        };
        write!(
            f,
            "\nkept: the count goes on   lost: it starts again   shared: one count for all\n\
             split: each instance has its own count            —: {empty}\n\
             all, one only: a logout takes effect on all instances, or on one only"
        )
    }
}

/// Writes `{"memory":{"restart":"lost",…},…}`, with `null` for a cell that was not measured.
impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Demo::STORES.map(|store| {
            let cells = Incident::ALL.map(|incident| (incident.name(), self.cell(store, incident)));
            (store.name(), BTreeMap::from(cells))
        }))
    }
}

/// Returns whether the count went on, in a word.
pub(crate) fn kept(before: u64, after: u64) -> &'static str {
    if after == before + 1 { "kept" } else { "lost" }
}

/// Returns whether alternating instances have one count or two, in a word.
pub(crate) fn shared(counts: &[u64]) -> &'static str {
    if counts.windows(2).all(|pair| pair[1] == pair[0] + 1) {
        "shared"
    } else {
        "split"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_says_why_a_cell_is_empty() {
        for (all_scenes, legend) in [
            (true, "—: no scene measures it\n"),
            (false, "—: not measured in this run\n"),
        ] {
            let mut matrix = Matrix::new(all_scenes);
            matrix.record(Demo::Redis, Incident::SecondInstance, "shared");
            let text = matrix.to_string();
            assert!(text.contains("redis    —        shared        —"), "{text}");
            assert!(text.contains(legend), "{text}");
            assert!(
                text.lines().all(|line| line.chars().count() <= 80),
                "{text}"
            );
        }
    }

    #[test]
    fn words_come_from_counts() {
        assert_eq!((kept(2, 3), kept(2, 0)), ("kept", "lost"));
        let (alternating, increasing) = ([0, 0, 1, 1], [0, 1, 2, 3]);
        assert_eq!(
            (shared(&increasing), shared(&alternating)),
            ("shared", "split")
        );
    }
}
