//! `check`: checks the work on one exercise.

use std::io::Write;

use anyhow::Result;
use testkit::note;

use super::{Workshop, input::can_ask, predict};
use crate::{
    check::{self, CheckResult, Verdict},
    exercise::Exercise,
    output::print_result,
    progress::now,
};

/// Checks the work on `exercise`, and saves and prints the result. At a terminal, asks for a prediction before the
/// first check that may pass. Returns `true` if the exercise passed or was skipped.
pub async fn check(workshop: &Workshop, exercise: &Exercise, out: &mut dyn Write) -> Result<bool> {
    let state = workshop.state(exercise)?;
    if can_ask() && state.prediction.is_none() && state.passed.is_none() {
        predict(workshop, exercise, None, out).await?;
    }
    note(format_args!("checking exercise {} ...", exercise.number));
    let result = check_and_save(workshop, exercise).await?;
    print_result(workshop, exercise, &result, out)?;
    Ok(matches!(
        result.verdict,
        Verdict::Passed | Verdict::Skipped(_)
    ))
}

pub(super) async fn check_and_save(
    workshop: &Workshop,
    exercise: &Exercise,
) -> Result<CheckResult> {
    let result = check::check(&workshop.root, exercise).await;
    workshop.progress()?.update(&exercise.name, |state| {
        state.checks += 1;
        state.begun.get_or_insert_with(now);
        state.finding = match &result.verdict {
            Verdict::NotYet(finding) => Some(finding.meaning.clone()),
            Verdict::Passed | Verdict::Skipped(_) | Verdict::Broken(_) => None,
        };
        if let Verdict::Passed = result.verdict {
            state.passed.get_or_insert_with(now);
        }
    })?;
    Ok(result)
}
