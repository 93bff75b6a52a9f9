//! The result of the story in one table: what a visitor saw, for each store and incident.

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};
use testkit::{Demo, Response};

/// Something that can happen to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incident {
    Restart,
    SecondInstance,
    InstanceDies,
    /// The user logs out everywhere.
    LogoutAll,
    /// The session outgrows a cookie.
    Over4Kb,
    RedisGone,
}

impl Incident {
    /// The incidents with the names of their columns.
    const ALL: [(Self, &str); 6] = [
        (Self::Restart, "restart"),
        (Self::SecondInstance, "2nd instance"),
        (Self::InstanceDies, "instance dies"),
        (Self::LogoutAll, "logout all"),
        (Self::Over4Kb, "over 4 KB"),
        (Self::RedisGone, "Redis gone"),
    ];
}

/// The cells that scenes have measured.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    pub(crate) cells: Vec<(Demo, Incident, &'static str)>,
    /// Whether all scenes run. If so, the legend says that no scene measures a cell that is still empty in the end.
    pub(crate) all_scenes: bool,
}

impl Matrix {
    /// Records what a visitor with a session in `store` `saw` after `incident`.
    pub(crate) fn record(&mut self, store: Demo, incident: Incident, saw: &'static str) {
        self.cells.push((store, incident, saw));
    }

    /// Records whether the count went on from each of these responses to the next.
    pub(crate) fn measure(&mut self, store: Demo, incident: Incident, seen: &[Response]) {
        let follows = |pair: &[Response]| {
            let next = pair[0].count().map(|it| it + 1);
            next.is_some() && pair[1].count() == next
        };
        let saw = match (incident, seen.windows(2).all(follows)) {
            (Incident::SecondInstance, true) => "shared",
            (Incident::SecondInstance, false) => "split",
            (_, true) => "kept",
            (_, false) => "lost",
        };
        self.record(store, incident, saw);
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
            let cells = cells.iter().zip(Incident::ALL).map(|(cell, (_, column))| {
                let width = column.len();
                format!("  {cell:<width$}")
            });
            let line = format!("{name:<7}{}", cells.collect::<String>());
            line.trim_end().to_owned()
        };
        writeln!(f, "{}", line("", Incident::ALL.map(|(_, column)| column)))?;
        for store in Demo::STORES {
            let cell = |(incident, _)| self.cell(store, incident).unwrap_or("—");
            let cells = Incident::ALL.map(cell);
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
            let cells = Incident::ALL.map(|(incident, name)| (name, self.cell(store, incident)));
            (store.name(), BTreeMap::from(cells))
        }))
    }
}
