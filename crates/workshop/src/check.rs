//! From an exercise to the verdict on it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, bail};
use testkit::TestEnv;
use tokio::time::timeout;

use crate::{
    checker::Checker,
    checks,
    compile::{compile, demos},
    exercise::Exercise,
    finding::{Finding, Skipped},
};

/// What came of a check.
#[derive(Debug)]
pub enum Verdict {
    /// All is as it should be.
    Passed,
    /// The work isn't right yet.
    NotYet(Finding),
    /// It can't be checked here.
    Skipped(String),
    /// The installation is at fault, and nothing is known of the work.
    Broken(Error),
}

/// A check that is over.
#[derive(Debug)]
pub struct Checked {
    /// What came of it.
    pub verdict: Verdict,
    /// What was done and seen, a line each.
    pub steps: Vec<String>,
    /// How long it took, without the compiler.
    pub took: Duration,
}

/// Builds the work on `exercise`, which lies in the tree at `root`, and checks it. Whatever is started ends with this.
pub async fn check(root: &Path, exercise: &Exercise) -> Checked {
    let mut steps = Vec::new();
    let mut took = Duration::ZERO;
    let done = async {
        let env = TestEnv::new()?;
        let work = prepared(&env, root, exercise).await?;
        let checker = Checker::new(env, &work);
        let started = Instant::now();
        let result = on_stage(&checker, exercise).await;
        took = started.elapsed();
        steps = checker.steps();
        result
    };
    let verdict = verdict(done.await);
    Checked {
        verdict,
        steps,
        took,
    }
}

/// The program of an exercise in Rust; else the file itself, and the demos it is put before.
async fn prepared(env: &TestEnv, root: &Path, exercise: &Exercise) -> Result<PathBuf> {
    if !exercise.file().exists() {
        bail!(Finding::new(
            exercise.shown_file(),
            "no such file",
            "it was moved or deleted"
        ));
    }
    if exercise.is_rust() {
        return compile(env, root, exercise).await;
    }
    // What testkit::build does as well, but for its end: that could not be stopped.
    demos(env, testkit::root()).await?;
    Ok(exercise.file())
}

async fn on_stage(checker: &Checker, exercise: &Exercise) -> Result<()> {
    let check =
        checks::of(&exercise.name).with_context(|| format!("nothing checks {}", exercise.name))?;
    let limit = check.limit;
    timeout(limit, (check.run)(checker))
        .await
        .unwrap_or_else(|_| {
            let observed = format!("no end after {} s", limit.as_secs());
            Err(Finding::new(
                "an end of the check",
                observed,
                "something takes far too long; the last step above tells what",
            )
            .into())
        })
}

fn verdict(result: Result<()>) -> Verdict {
    let Err(error) = result else {
        return Verdict::Passed;
    };
    match error.downcast::<Finding>() {
        Ok(finding) => Verdict::NotYet(finding),
        Err(error) => match error.downcast::<Skipped>() {
            Ok(Skipped(reason)) => Verdict::Skipped(reason),
            Err(error) => Verdict::Broken(error),
        },
    }
}
