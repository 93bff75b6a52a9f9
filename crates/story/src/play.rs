//! A scene, from its stage to its report.

use std::{io::Write, time::Instant};

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use serde::Serialize;
use testkit::{TestEnv, tool};

use crate::{Matrix, Place, Step, Telling, scenes::Scene};

const TITLE: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// What came of a scene.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The scene's name.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What it proves, if it passed.
    pub proves: &'static str,
    /// Whether all was observed as expected.
    pub passed: bool,
    /// Why it failed, log lines included.
    pub failure: Option<String>,
    /// What it did, in order, up to the step that failed.
    pub steps: Vec<Step>,
    /// How long it took.
    pub millis: u128,
    /// The cells it measured.
    #[serde(skip)]
    pub matrix: Matrix,
}

/// A scene that can't be played here.
#[derive(Debug, Serialize)]
pub struct Missing {
    /// The scene's name.
    pub name: &'static str,
    /// What it lacks, and how to get it.
    pub reason: String,
}

/// What `scene` lacks to be played at `place`: nothing in containers, where the images have it all.
#[must_use]
pub fn missing(scene: &Scene, place: &Place) -> Option<Missing> {
    if let Place::Containers(_) = place {
        return None;
    }
    let reasons: Vec<_> = scene
        .needs
        .iter()
        .filter_map(|name| tool(name).err())
        .map(|error| error.to_string())
        .collect();
    (!reasons.is_empty()).then(|| Missing {
        name: scene.name,
        reason: reasons.join("; "),
    })
}

/// Plays `scene`, the story's `number`th, at `place`, narrated to `out`. A failure is in the report, and told.
///
/// # Errors
/// Nobody can be told.
pub async fn play(
    number: usize,
    scene: &Scene,
    place: &Place,
    out: &mut dyn Write,
) -> Result<Report> {
    let started = Instant::now();
    writeln!(
        out,
        "{TITLE}{number}. {}{TITLE:#}  ({})",
        scene.title, scene.name
    )?;
    let env = TestEnv::new()?;
    let mut telling = Telling::new(env.clone(), place, &mut *out);
    let outcome = (scene.play)(&mut telling).await;
    let (steps, matrix) = telling.into_parts();
    let failure = match (outcome, place) {
        (Ok(()), _) => None,
        (Err(error), Place::Here) => Some(format!("{error:#}\n{}", env.tails())),
        (Err(error), Place::Containers(compose)) => {
            Some(format!("{error:#}\n{}", compose.tails().await))
        }
    };
    let millis = started.elapsed().as_millis();
    match &failure {
        None => {
            let options = textwrap::Options::new(78)
                .initial_indent("    => ")
                .subsequent_indent("       ");
            writeln!(
                out,
                "{GOOD}{}{GOOD:#}\n",
                textwrap::fill(scene.proves, options)
            )?;
        }
        Some(failure) => writeln!(out, "    {BAD}=> FAILED{BAD:#} {failure}")?,
    }
    Ok(Report {
        name: scene.name,
        title: scene.title,
        proves: scene.proves,
        passed: failure.is_none(),
        failure,
        steps,
        millis,
        matrix,
    })
}
