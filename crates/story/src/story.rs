//! Chooses scenes, runs them, and sums up.

use std::{
    cell::RefCell, collections::BTreeMap, fs, io::Write, num::NonZero, path::Path,
    thread::available_parallelism, time::Instant,
};

use anstyle::Style;
use anyhow::{Context, Result, ensure};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Serialize;

use crate::{
    Act, Matrix, Pace, Runtime,
    picture::LEGEND,
    scene::{LeftOut, Report, RunsIn, Scene},
    scenes::SCENES,
    stage::{Part, Stage},
};

const HEADING: Style = Style::new().bold().underline();

/// The short form of the last page of workshop.md.
const CHOICE: &str = "\
Which one do I choose? Take the first one that is enough:

one server, and a restart may lose sessions     memory
one server, and sessions survive a restart      files
a few settings, on any number of servers        the cookie
several instances on one machine                files in a shared folder
several servers, and sessions only in memory    sticky sessions
several servers, or a login                     Redis

The last page of workshop.md says what each of them costs.";

pub type Numbered = (usize, &'static Scene);

/// The outcome of several scenes.
#[derive(Debug, Serialize)]
pub struct Story {
    pub(crate) scenes: Vec<Report>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) millis: u128,
    /// The matrix, if the scene that measures it has run.
    pub matrix: Option<Matrix>,
}

/// Returns the scenes of `acts` and those with `names`, or all scenes if both are empty. With `compose` they are the
/// scenes for containers, and otherwise those for processes.
pub fn select(compose: bool, acts: &[Act], names: &[String]) -> Result<Vec<Numbered>> {
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
    let chosen = |scene: &Scene| {
        let is_named = names.iter().any(|name| name == scene.name);
        (acts.is_empty() && names.is_empty()) || is_named || acts.contains(&scene.act)
    };
    Ok(all.into_iter().filter(|(_, scene)| chosen(scene)).collect())
}

impl Story {
    /// Runs `scenes`, and narrates them and their summary to `out`.
    pub async fn run(
        scenes: &[Numbered],
        runtime: &Runtime,
        pace: &Pace,
        out: &mut dyn Write,
    ) -> Result<Self> {
        let started = Instant::now();
        let compose = matches!(runtime, Runtime::Compose(_));
        let (mut runnable, mut left_out) = (Vec::new(), Vec::new());
        for &(number, scene) in scenes {
            match scene.missing(runtime) {
                None => runnable.push((number, scene)),
                Some(missing) => left_out.push(missing),
            }
        }
        writeln!(
            out,
            "Where should the session live? A visitor finds out, with real servers.\n\
             Each line shows a request, its response, the instance that answered, and the\n\
             first 8 characters of the session ID in the visitor's cookie.\n\n{LEGEND}\n"
        )?;
        let mut scenes = play(&runnable, runtime, pace, out).await?;
        let matrix = scenes.iter_mut().find_map(|report| report.matrix.take());
        let story = Self {
            scenes,
            left_out,
            millis: started.elapsed().as_millis(),
            matrix,
        };
        match &story.matrix {
            Some(matrix) => writeln!(
                out,
                "What became of the session, by where it lived and what happened:\n\n\
                 {matrix}\n\n{CHOICE}\n"
            )?,
            None if compose => {}
            None => writeln!(
                out,
                "This was a part of the story. The scene \"matrix\" measures the matrix.\n"
            )?,
        }
        for LeftOut { name, reason } in &story.left_out {
            let options = textwrap::Options::new(80).subsequent_indent("    ");
            let text = textwrap::fill(&format!("left out: {name}: {reason}"), options);
            writeln!(out, "{text}")?;
        }
        story.summarize(out)?;
        Ok(story)
    }

    /// Returns how many scenes passed and failed, and how long that took.
    pub(crate) fn summary(&self) -> String {
        let passed = self.scenes.iter().filter(|report| report.passed).count();
        let failed = self.scenes.len() - passed;
        let took = seconds(self.millis);
        format!("{passed} passed, {failed} failed, in {took}")
    }

    /// Prints how many scenes passed, and the names of those that failed.
    fn summarize(&self, out: &mut dyn Write) -> Result<()> {
        let failed = self.scenes.iter().filter(|report| !report.passed);
        let failed: Vec<_> = failed.map(|report| report.scene.name).collect();
        writeln!(out, "scenes: {}", self.summary())?;
        if !failed.is_empty() {
            writeln!(out, "failed: {}", failed.join(", "))?;
        }
        Ok(writeln!(out)?)
    }

    /// Returns an error unless the page in `file` shows the matrix that was measured.
    pub fn check_matrix(&self, file: &Path) -> Result<()> {
        let name = file.display();
        let page = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        let matrix = self.matrix.as_ref();
        let matrix = matrix.context("no matrix was measured; the scene \"matrix\" measures it")?;
        ensure!(
            page.contains(&matrix.to_string()),
            "{name} shows another matrix than the one above"
        );
        Ok(())
    }

    /// Returns whether all scenes passed.
    pub fn passed(&self) -> bool {
        self.scenes.iter().all(|report| report.passed)
    }
}

/// Runs `scenes` and narrates them in order, each act with its heading. Scenes run side by side, two for each core,
/// unless they share the containers of `runtime` or `pace` is slow.
async fn play(
    scenes: &[Numbered],
    runtime: &Runtime,
    pace: &Pace,
    out: &mut dyn Write,
) -> Result<Vec<Report>> {
    let places = match runtime {
        Runtime::Native if pace.is_slow() => 1,
        Runtime::Native => 2 * available_parallelism().map_or(1, NonZero::get),
        Runtime::Compose(_) => 1,
    };
    let stage = &RefCell::new(Stage::new(out));
    let mut waiting = (0..).zip(scenes).peekable();
    let mut running = FuturesUnordered::new();
    let mut reports = BTreeMap::new();
    let (mut last, mut alone) = (None, false);
    loop {
        let has_room = |scene: &Scene, running: usize| {
            running == 0 || (running < places && !alone && !scene.alone)
        };
        if let Some((position, &(number, scene))) =
            waiting.next_if(|(_, (_, scene))| has_room(scene, running.len()))
        {
            alone = scene.alone;
            let mut part = Part { stage, position };
            if last.replace(scene.act) != Some(scene.act) {
                let (act, title) = (scene.act, scene.act.title());
                writeln!(part, "{HEADING}{act}. {title}{HEADING:#}")?;
                writeln!(part, "{}\n", act.question())?;
            }
            running.push(async move {
                let report = scene.run(number, runtime, pace, &mut part).await?;
                stage.borrow_mut().end(position)?;
                anyhow::Ok((position, report))
            });
        } else if let Some(ended) = running.next().await {
            let (position, report) = ended?;
            reports.insert(position, report);
        } else {
            return Ok(reports.into_values().collect());
        }
    }
}

/// Describes a time in seconds.
pub(crate) fn seconds(millis: u128) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_another_matrix_is_an_error() {
        let matrix = Matrix::default();
        let page = tempfile::NamedTempFile::new().unwrap();
        let write = |text: &str| fs::write(page.path(), text).unwrap();
        let story = Story {
            scenes: Vec::new(),
            left_out: Vec::new(),
            millis: 0,
            matrix: Some(matrix.clone()),
        };
        write(&format!("a page\n{matrix}\nand more"));
        story.check_matrix(page.path()).unwrap();
        write(&matrix.to_string().replacen("redis", "files", 1));
        let error = story.check_matrix(page.path()).unwrap_err();
        assert!(error.to_string().contains("shows another matrix"));
    }
}
