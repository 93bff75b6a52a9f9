//! The matrix: six places where a session can live, and eight incidents that can happen to it.
//!
//! - `incidents`: a function for each incident; `two_clicks` has a file of its own
//! - `servers`: the servers of one cell

mod incidents;
mod servers;
mod two_clicks;

use std::iter::zip;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use crate::{
    Matrix,
    matrix::{Incident, Place},
    narrator::Narrator,
};

/// Each incident, what happens in it, and the expected words in the order of [`Place::ALL`].
const INCIDENTS: [(Incident, &str, [&str; 6]); 8] = [
    (
        Incident::Restart,
        "restart the visitor's instance",
        ["lost", "lost", "kept", "kept", "kept", "kept"],
    ),
    (
        Incident::SecondInstance,
        "visit two instances alternately",
        ["split", "pinned", "split", "shared", "shared", "shared"],
    ),
    (
        Incident::InstanceDies,
        "kill the instance that has just answered",
        ["lost", "lost", "lost", "kept", "kept", "kept"],
    ),
    (
        Incident::RollingDeploy,
        "replace both instances, one after the other",
        ["lost", "lost", "kept", "kept", "kept", "kept"],
    ),
    (
        Incident::Logout,
        "log out on one instance, and try a copy of the cookie on both",
        ["one", "all", "one", "all", "none", "all"],
    ),
    (
        Incident::TwoClicks,
        "click twice at once, up to 200 times",
        ["split", "both", "split", "one", "one", "both"],
    ),
    (
        Incident::Over4Kb,
        "store more than 4 KB",
        ["kept", "kept", "kept", "kept", "refused", "kept"],
    ),
    (
        Incident::StoreGone,
        "take the store away for a moment",
        ["n/a", "n/a", "503", "503", "n/a", "503"],
    ),
];

pub(super) async fn six_places(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Each incident happens to a visitor in each of the six places, always with new servers. \
         A word sums up the responses that this visitor got. The table of all words follows.",
    )?;
    let mut matrix = Matrix::default();
    for (incident, what, expected) in INCIDENTS {
        let measured = Place::ALL.map(|place| incidents::measure(place, incident));
        let words = async {
            let words = try_join_all(measured).await?;
            ensure!(
                words == expected,
                "expected {expected:?}; observed {words:?}"
            );
            Ok(words)
        };
        let words = narrator.act(what, Box::pin(words)).await?;
        for (place, word) in zip(Place::ALL, words) {
            matrix.record(place, incident, word);
        }
    }
    narrator.matrix = Some(matrix);
    Ok(())
}
