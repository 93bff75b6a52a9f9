//! The result in one picture: what a visitor saw of each place where a session can live, whatever happened to it.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};
use testkit::Demo;

/// What can happen to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The server is restarted.
    Restart,
    /// A second instance joins.
    SecondInstance,
    /// An instance is killed.
    InstanceDies,
    /// Somebody logs out everywhere.
    LogoutAll,
    /// The session grows beyond what a cookie holds.
    Over4Kb,
    /// Redis goes away.
    RedisGone,
}

impl Event {
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
pub struct Matrix(Vec<(Demo, Event, &'static str)>);

impl Matrix {
    /// Notes that of `place`, when `event` happened, a visitor `saw` this.
    pub fn note(&mut self, place: Demo, event: Event, saw: &'static str) {
        self.0.push((place, event, saw));
    }

    /// Takes over the cells of `other`.
    pub fn add(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    fn cell(&self, place: Demo, event: Event) -> &'static str {
        self.0
            .iter()
            .find(|cell| (cell.0, cell.1) == (place, event))
            .map_or("—", |cell| cell.2)
    }
}

/// A line for each place, without a line break at the end; 80 columns at most.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<7}", "")?;
        let line = |f: &mut fmt::Formatter<'_>, cell: &dyn Fn(Event) -> &'static str| {
            let (last, others) = Event::ALL.split_last().expect("there are events");
            others
                .iter()
                .try_for_each(|event| write!(f, "  {:<1$}", cell(*event), event.name().len()))?;
            write!(f, "  {}", cell(*last))
        };
        line(f, &Event::name)?;
        for place in Demo::STORES {
            write!(f, "\n{:<7}", place.name())?;
            line(f, &|event| self.cell(place, event))?;
        }
        write!(
            f,
            "\n\nkept: the count goes on   lost: it starts again   shared: one count for all"
        )?;
        write!(
            f,
            "\nsplit: a count of its own on each instance        —: no scene measures it yet"
        )?;
        write!(
            f,
            "\nall, one only: where the session has ended, when it was ended on one instance"
        )
    }
}

/// `{"memory":{"restart":"lost",…},…}`; what no scene has measured is `null`.
impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places = serializer.serialize_map(Some(Demo::STORES.len()))?;
        for place in Demo::STORES {
            let cells = Event::ALL.map(|event| {
                (
                    event.name(),
                    Some(self.cell(place, event)).filter(|cell| *cell != "—"),
                )
            });
            places.serialize_entry(
                place.name(),
                &cells
                    .into_iter()
                    .collect::<std::collections::BTreeMap<_, _>>(),
            )?;
        }
        places.end()
    }
}

/// Whether a count that stood at `before` went on when it was seen again, in a word.
#[must_use]
pub(crate) fn kept(before: u64, after: u64) -> &'static str {
    if after == before + 1 { "kept" } else { "lost" }
}

/// Whether the counts that a visitor saw at two instances in turn are one or two, in a word.
#[must_use]
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
    fn the_matrix_fits_a_terminal_and_shows_what_nobody_measured() {
        let mut matrix = Matrix::default();
        matrix.note(Demo::Redis, Event::SecondInstance, "shared");
        let text = matrix.to_string();
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(text.contains("redis    —        shared        —"), "{text}");
    }

    #[test]
    fn words_come_from_counts() {
        assert_eq!((kept(2, 3), kept(2, 0)), ("kept", "lost"));
        assert_eq!(
            (shared(&[0, 1, 2, 3]), shared(&[0, 0, 1, 1])),
            ("shared", "split")
        );
    }
}
