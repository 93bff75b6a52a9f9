//! Checks an exercise: builds the attendee's work, runs its check, and returns a verdict.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Error, Result, bail};
use testkit::TestEnv;
use tokio::time::timeout;

use crate::{
    checker::Checker,
    checks,
    compile::{build_demos, compile},
    exercise::{COMMAND, Exercise},
    finding::{Finding, Skipped},
    marks::outside_edit,
};

#[derive(Debug)]
pub(crate) enum Verdict {
    Passed,
    /// The work isn't right yet.
    NotYet(Finding),
    /// This machine can't check the exercise, for the reason given.
    Skipped(String),
    /// The check itself failed, which says nothing about the work.
    Broken(Error),
}

#[derive(Debug)]
pub(crate) struct CheckResult {
    pub(crate) verdict: Verdict,
    /// The steps of the check and their results, one line for each.
    pub(crate) steps: Vec<String>,
    /// The duration of the check, without compiling.
    pub(crate) duration: Duration,
}

/// Builds and checks the work on `exercise` in the tree at `root`. All processes that it starts end with it.
pub(crate) async fn check(root: &Path, exercise: &Exercise) -> CheckResult {
    let mut steps = Vec::new();
    let mut duration = Duration::ZERO;
    let result = async {
        let env = TestEnv::new()?;
        let work = build(&env, root, exercise).await?;
        let checker = Checker::new(env, &work);
        let started = Instant::now();
        let limit = checks::limit(&exercise.name);
        let result = timeout(limit, checks::run(&exercise.name, &checker)).await;
        let result = result.unwrap_or_else(|_| {
            let observed = format!("it still runs after {} s", limit.as_secs());
            let meaning = if checker.steps().is_empty() {
                "nothing has happened yet. The machine is busy; check again"
            } else {
                "something takes far too long; the last step above shows what"
            };
            bail!(Finding::new("the check ends", observed, meaning))
        });
        duration = started.elapsed();
        steps = checker.steps();
        result
    };
    let result = result.await;
    let verdict = match result.map_err(|error| error.downcast().map_err(Error::downcast)) {
        Ok(()) => Verdict::Passed,
        Err(Ok(finding)) => Verdict::NotYet(finding),
        Err(Err(Ok(Skipped(reason)))) => Verdict::Skipped(reason),
        Err(Err(Err(error))) => Verdict::Broken(error),
    };
    CheckResult {
        verdict,
        steps,
        duration,
    }
}

/// Builds what the check of `exercise` needs. Returns the program of an exercise in Rust. For other exercises, returns
/// the edited file and builds the demos that it works with.
async fn build(env: &TestEnv, root: &Path, exercise: &Exercise) -> Result<PathBuf> {
    if !exercise.file().exists() {
        let (file, meaning) = (exercise.shown_file(), "it was moved or deleted");
        bail!(Finding::new(file, "no such file", meaning));
    }
    reject_outside_edit(exercise)?;
    if exercise.is_rust() {
        return compile(env, root, exercise).await;
    }
    // testkit builds them too, but a signal could not stop that build, and its time would count as the check's.
    build_demos(env, testkit::root()).await?;
    testkit::build()?;
    Ok(exercise.file())
}

/// Rejects work that differs from the starter outside the marks.
fn reject_outside_edit(exercise: &Exercise) -> Result<()> {
    let Some(edit) = outside_edit(&exercise.work()?, &exercise.starter()?)? else {
        return Ok(());
    };
    let (line, number) = (edit.line, exercise.number);
    let expected = match edit.starter.trim() {
        "" => "no text there, as in the starter".to_owned(),
        starter => format!("{starter}, as in the starter"),
    };
    let observed = format!("line {line}: {}", edit.found.trim());
    let import = if exercise.is_rust() {
        " An import can be between them too."
    } else {
        ""
    };
    let meaning = format!(
        "this line is outside the marks YOUR TURN and UNTIL HERE, and the task is only to edit between them.{import} Undo the edit, or run {COMMAND} reset {number}, which restores the starter and keeps a backup of your work"
    );
    bail!(Finding::new(expected, observed, meaning))
}
