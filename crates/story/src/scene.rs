//! A scene: what it is about, and how it runs.

use std::{io::Write, time::Instant};

use anstyle::Style;
use anyhow::Result;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use testkit::{TestEnv, tool};

use crate::{
    Act, Matrix, Pace, Runtime,
    matrix::{Incident, Place},
    narrator::Narrator,
    picture::{self, Picture},
    step::Step,
};

const TITLE: Style = Style::new().bold();
// Colours mean instances, so these have none.
const GOOD: Style = Style::new().bold();
const BAD: Style = Style::new().bold().invert();

/// A part of the story: steps with expected results, and what they prove.
#[derive(Debug, Serialize)]
pub struct Scene {
    pub act: Act,
    /// Its name on the command line.
    pub name: &'static str,
    /// Its subject, in a few words.
    pub title: &'static str,
    /// The lesson that it proves when it passes.
    pub(crate) proves: &'static str,
    /// Whether it runs alone, because it and other scenes would disturb each other.
    #[serde(skip)]
    pub(crate) alone: bool,
    #[serde(skip)]
    pub(crate) runs_in: RunsIn,
    /// The programs that it needs when it runs natively.
    #[serde(skip)]
    pub(crate) needs: &'static [&'static str],
    /// The cells of the matrix that it explains best.
    #[serde(skip)]
    pub(crate) shows: &'static [(Place, Incident)],
    #[serde(skip)]
    pub(crate) steps: for<'a> fn(&'a mut Narrator<'_>) -> LocalBoxFuture<'a, Result<()>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunsIn {
    Native,
    Compose,
    Both,
}

#[derive(Debug, Serialize)]
pub struct Report {
    /// The number of the scene in the story.
    pub(crate) number: usize,
    #[serde(flatten)]
    pub(crate) scene: &'static Scene,
    /// Whether each step had the expected outcome.
    pub passed: bool,
    /// Why it failed, with the last lines of the servers' logs.
    pub failure: Option<String>,
    /// Its steps in order, up to the one that failed.
    pub steps: Vec<Step>,
    pub millis: u128,
    /// The matrix, if this scene measures it.
    #[serde(skip)]
    pub(crate) matrix: Option<Matrix>,
}

/// A scene that cannot run here.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    pub name: &'static str,
    /// The missing program, and how to install it.
    pub reason: String,
}

impl Scene {
    /// Returns what is missing to run the scene. In containers, nothing is ever missing.
    pub(crate) fn missing(&self, runtime: &Runtime) -> Option<LeftOut> {
        if let Runtime::Compose(_) = runtime {
            return None;
        }
        let errors = self.needs.iter().filter_map(|name| tool(name).err());
        let reasons: Vec<_> = errors.map(|error| error.to_string()).collect();
        (!reasons.is_empty()).then(|| LeftOut {
            name: self.name,
            reason: reasons.join("; "),
        })
    }

    /// Runs the scene as `number` of the story at `pace`, and narrates it to `out`. A scene that fails gives a report
    /// too. An error means that `out` cannot be written.
    pub async fn run(
        &'static self,
        number: usize,
        runtime: &Runtime,
        pace: &Pace,
        out: &mut dyn Write,
    ) -> Result<Report> {
        let started = Instant::now();
        let Self { name, title, .. } = self;
        writeln!(out, "{TITLE}{number}. {title}{TITLE:#}  ({name})")?;
        let env = TestEnv::new()?;
        let mut narrator = Narrator::new(env.clone(), runtime, pace, &mut *out);
        let outcome = (self.steps)(&mut narrator).await;
        let Narrator { steps, matrix, .. } = narrator;
        if let Some(picture) = picture::draw(&Picture::new(&steps)) {
            write!(out, "\n{picture}\n")?;
        }
        let failure = match (outcome, runtime) {
            (Ok(()), _) => None,
            (Err(error), Runtime::Native) => Some(format!("{error:#}\n{}", env.tails())),
            (Err(error), Runtime::Compose(compose)) => {
                Some(format!("{error:#}\n{}", compose.tails().await))
            }
        };
        if let Some(failure) = &failure {
            writeln!(out, "    {BAD}=> FAILED{BAD:#} {failure}")?;
        } else {
            let options = textwrap::Options::new(78)
                .initial_indent("    => ")
                .subsequent_indent("       ");
            let proves = textwrap::fill(self.proves, options);
            writeln!(out, "{GOOD}{proves}{GOOD:#}\n")?;
        }
        Ok(Report {
            number,
            scene: self,
            passed: failure.is_none(),
            failure,
            steps,
            millis: started.elapsed().as_millis(),
            matrix,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_leaves_the_scene_out() {
        let scene = Scene {
            act: Act::I,
            name: "some-scene",
            title: "",
            proves: "",
            alone: false,
            runs_in: RunsIn::Native,
            needs: &["no-such-server"],
            shows: &[],
            steps: |_| Box::pin(async { Ok(()) }),
        };
        assert_eq!(
            scene.missing(&Runtime::Native).unwrap().reason,
            "no-such-server is not installed; scripts/setup.sh installs it"
        );
    }
}
