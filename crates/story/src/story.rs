//! Runs scenes one after the other, and sums up.

use std::{io::Write, time::Duration};

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::{
    Matrix, Runtime,
    scene::{LeftOut, Report, RunsIn, Scene},
    scenes::SCENES,
};

pub type Numbered = (usize, &'static Scene);

/// The outcome of several scenes.
#[derive(Debug, Serialize)]
pub struct Story {
    scenes: Vec<Report>,
    left_out: Vec<LeftOut>,
    /// The results that the scenes measured.
    pub matrix: Matrix,
}

/// Returns the scenes with `names`, or all scenes if there are no names: those for containers (`compose`) or those for
/// processes.
pub fn select(compose: bool, names: &[String]) -> Result<Vec<Numbered>> {
    let (other, option) = if compose {
        (RunsIn::Native, "with --compose")
    } else {
        (RunsIn::Compose, "without --compose")
    };
    let all: Vec<Numbered> = (1..)
        .zip(SCENES.iter().filter(|scene| scene.runs_in != other))
        .collect();
    let known: Vec<_> = all.iter().map(|(_, scene)| scene.name).collect();
    for name in names {
        ensure!(
            known.contains(&name.as_str()),
            "there is no scene {name:?} {option}; the scenes are {}",
            known.join(", ")
        );
    }
    let chosen = |scene: &Scene| names.is_empty() || names.iter().any(|name| name == scene.name);
    Ok(all.into_iter().filter(|(_, scene)| chosen(scene)).collect())
}

impl Story {
    /// Runs `scenes`, and narrates them and their summary to `out`.
    pub async fn run(scenes: &[Numbered], runtime: &Runtime, out: &mut dyn Write) -> Result<Self> {
        let compose = matches!(runtime, Runtime::Compose(_));
        let (mut runnable, mut left_out) = (Vec::new(), Vec::new());
        for &(number, scene) in scenes {
            match scene.missing(runtime) {
                None => runnable.push((number, scene)),
                Some(missing) => left_out.push(missing),
            }
        }
        let all_scenes = left_out.is_empty() && scenes.len() == select(compose, &[])?.len();
        let cells = Vec::new();
        let mut story = Self {
            scenes: Vec::new(),
            left_out,
            matrix: Matrix { cells, all_scenes },
        };
        let names = "An instance is named by the ID of its container.\n";
        let names = if compose { names } else { "" };
        writeln!(
            out,
            "Where should the session live? A visitor finds out, with real servers.\n\
             Each line shows a request, its response, the instance that answered, and the\n\
             first 8 characters of the session ID in the visitor's cookie.\n{names}"
        )?;
        for (number, scene) in runnable {
            let report = scene.run(number, runtime, out).await?;
            story.matrix.cells.extend(&report.matrix.cells);
            story.scenes.push(report);
        }
        if !compose {
            writeln!(
                out,
                "What became of the session, by where it lived and what happened:\n\n{}\n",
                story.matrix
            )?;
        }
        for LeftOut { name, reason } in &story.left_out {
            let options = textwrap::Options::new(80).subsequent_indent("    ");
            let text = textwrap::fill(&format!("left out: {name}: {reason}"), options);
            writeln!(out, "{text}")?;
        }
        story.summarize(out)?;
        Ok(story)
    }

    /// Prints how many scenes passed, and the names of those that failed.
    fn summarize(&self, out: &mut dyn Write) -> Result<()> {
        let failed = self.scenes.iter().filter(|report| !report.passed);
        let failed: Vec<_> = failed.map(|report| report.scene.name).collect();
        let millis: u128 = self.scenes.iter().map(|report| report.millis).sum();
        let seconds = Duration::from_millis(u64::try_from(millis)?).as_secs_f32();
        let passed = self.scenes.len() - failed.len();
        let count = failed.len();
        writeln!(
            out,
            "scenes: {passed} passed, {count} failed, in {seconds:.1} s"
        )?;
        if !failed.is_empty() {
            writeln!(out, "failed: {}", failed.join(", "))?;
        }
        Ok(writeln!(out)?)
    }

    /// Returns whether all scenes passed.
    pub fn passed(&self) -> bool {
        self.scenes.iter().all(|report| report.passed)
    }
}
