//! Checks an exercise: builds the attendee's work, runs its check, and returns a verdict.

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
    compile::{build_demos, compile},
    exercise::Exercise,
    finding::{Finding, Skipped},
};

/// The verdict on an attendee's work.
#[derive(Debug)]
pub enum Verdict {
    /// The work is right.
    Passed,
    /// The work isn't right yet.
    NotYet(Finding),
    /// This machine can't check the exercise, for the reason given.
    Skipped(String),
    /// The check itself failed, which says nothing about the work.
    Broken(Error),
}

/// The result of a check.
#[derive(Debug)]
pub struct CheckResult {
    /// The verdict.
    pub verdict: Verdict,
    /// The steps of the check and their results, one line for each.
    pub steps: Vec<String>,
    /// The duration of the check, without compiling.
    pub duration: Duration,
}

/// Builds and checks the work on `exercise` in the tree at `root`. All processes that it starts end
/// with it.
pub async fn check(root: &Path, exercise: &Exercise) -> CheckResult {
    let mut steps = Vec::new();
    let mut duration = Duration::ZERO;
    let result = async {
        let env = TestEnv::new()?;
        let work = build(&env, root, exercise).await?;
        let checker = Checker::new(env, &work);
        let started = Instant::now();
        let result = run(&checker, exercise).await;
        duration = started.elapsed();
        steps = checker.steps();
        result
    };
    let verdict = verdict(result.await);
    CheckResult {
        verdict,
        steps,
        duration,
    }
}

/// Builds what the check of `exercise` needs. Returns the program of an exercise in Rust. For other
/// exercises, returns the edited file and builds the demos that it works with.
async fn build(env: &TestEnv, root: &Path, exercise: &Exercise) -> Result<PathBuf> {
    if !exercise.file().exists() {
        let file = exercise.shown_file();
        bail!(Finding::new(
            file,
            "no such file",
            "it was moved or deleted"
        ));
    }
    if exercise.is_rust() {
        return compile(env, root, exercise).await;
    }
    // testkit builds them too, but a signal could not stop that build.
    build_demos(env, testkit::root()).await?;
    Ok(exercise.file())
}

async fn run(checker: &Checker, exercise: &Exercise) -> Result<()> {
    let name = &exercise.name;
    let check = checks::of(name).with_context(|| format!("exercise {name} has no check"))?;
    let result = timeout(check.limit, (check.run)(checker)).await;
    result.unwrap_or_else(|_| {
        bail!(Finding::new(
            "the check ends",
            format!("it still runs after {} s", check.limit.as_secs()),
            "something takes far too long; the last step above shows what",
        ))
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
