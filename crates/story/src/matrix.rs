//! The result of the story in one table: what a visitor saw, for each place of the session and each incident.

use std::{collections::BTreeMap, fmt, iter::zip};

use serde::{Serialize, Serializer};

/// A place where sessions can live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Memory,
    /// Memory, where HAProxy sends each visitor to the instance of their first visit.
    Sticky,
    File,
    /// Files in a folder that all instances share.
    Folder,
    Cookie,
    Redis,
}

impl Place {
    /// The rows of the matrix.
    pub(crate) const ALL: [Self; 6] = [
        Self::Memory,
        Self::Sticky,
        Self::File,
        Self::Folder,
        Self::Cookie,
        Self::Redis,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sticky => "sticky",
            Self::File => "file",
            Self::Folder => "folder",
            Self::Cookie => "cookie",
            Self::Redis => "redis",
        }
    }
}

/// Something that can happen to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Incident {
    Restart,
    SecondInstance,
    InstanceDies,
    RollingDeploy,
    /// The visitor logs out, and a copy of the cookie is left.
    Logout,
    /// Two requests at once change different entries of the session.
    TwoClicks,
    /// The session outgrows a cookie.
    Over4Kb,
    StoreGone,
}

impl Incident {
    /// The columns of the matrix.
    pub(crate) const ALL: [Self; 8] = [
        Self::Restart,
        Self::SecondInstance,
        Self::InstanceDies,
        Self::RollingDeploy,
        Self::Logout,
        Self::TwoClicks,
        Self::Over4Kb,
        Self::StoreGone,
    ];

    /// Returns the two lines of its heading.
    fn heading(self) -> [&'static str; 2] {
        match self {
            Self::Restart => ["", "restart"],
            Self::SecondInstance => ["second", "instance"],
            Self::InstanceDies => ["instance", "dies"],
            Self::RollingDeploy => ["rolling", "deploy"],
            Self::Logout => ["logout", "on all"],
            Self::TwoClicks => ["two", "clicks"],
            Self::Over4Kb => ["over", "4 KB"],
            Self::StoreGone => ["store", "gone"],
        }
    }

    /// Returns its heading in one line.
    pub(crate) fn name(self) -> String {
        self.heading().join(" ").trim().to_owned()
    }
}

/// Columns of the longest word.
const WIDTH: usize = 7;

pub(crate) const LEGEND: &str = "\
sticky: memory, with sticky sessions       folder: files in one folder for all
kept, lost: whether the session survives   shared: one session for all instances
split: each instance has its own           pinned: always the same instance
all, one, none: the instances on which a logout stops a copy of the cookie
both, one: how many of two changes at once survive   refused: an error, 413
503: an error until the store is back                n/a: it cannot happen";

/// A word for each place and incident.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    cells: BTreeMap<(Place, Incident), &'static str>,
}

impl Matrix {
    /// Records what a visitor with a session in `place` `saw`.
    pub(crate) fn record(&mut self, place: Place, incident: Incident, saw: &'static str) {
        self.cells.insert((place, incident), saw);
    }

    pub(crate) fn cell(&self, place: Place, incident: Incident) -> Option<&'static str> {
        self.cells.get(&(place, incident)).copied()
    }
}

/// Writes a line for each place and a legend, in at most 80 columns.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for half in 0..2 {
            line(f, "", Incident::ALL.map(|it| it.heading()[half]))?;
        }
        for place in Place::ALL {
            let cells = Incident::ALL.map(|it| self.cell(place, it).unwrap_or("—"));
            line(f, place.name(), cells)?;
        }
        write!(f, "\n{LEGEND}")
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, cells: [&str; 8]) -> fmt::Result {
    let cells = zip(cells, Incident::ALL).map(|(cell, incident)| {
        let widest = incident.heading().map(str::len).into_iter().max();
        let width = widest.unwrap_or_default().max(WIDTH);
        format!("  {cell:<width$}")
    });
    writeln!(
        f,
        "{}",
        format!("{name:<6}{}", cells.collect::<String>()).trim_end()
    )
}

/// Writes `{"memory":{"restart":"lost",…},…}`, with `null` for a cell that was not measured.
impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Place::ALL.map(|place| {
            let cells = Incident::ALL.map(|it| (it.name(), self.cell(place, it)));
            (place.name(), BTreeMap::from(cells))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_into_80_columns_and_its_cells_into_7() {
        let mut matrix = Matrix::default();
        for place in Place::ALL {
            for incident in Incident::ALL {
                matrix.record(place, incident, "refused");
            }
        }
        let text = matrix.to_string();
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        assert_eq!(text.matches("refused").count(), 6 * 8 + 1, "{text}");
        assert!(!text.contains('—'), "{text}");
    }

    #[test]
    fn json_has_a_word_for_each_place_and_incident() {
        let mut matrix = Matrix::default();
        matrix.record(Place::Folder, Incident::TwoClicks, "one");
        let json = serde_json::to_value(matrix).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 6);
        assert_eq!(json["folder"].as_object().unwrap().len(), 8);
        assert_eq!(json["folder"]["two clicks"], "one");
        assert!(json["redis"]["restart"].is_null());
    }
}
