//! Checks the work on one exercise.

use std::io::Write;

use anyhow::Result;

use super::{Workshop, input::can_ask, predict};
use crate::{
    check::{self, Checked, Verdict},
    exercise::Exercise,
    progress::now,
    tell,
};

/// Checks the work on `exercise`, notes what came of it, and tells `out`. Asks for a prediction first, where somebody can
/// be asked and wasn't yet. Whether all is well: passed, or skipped.
///
/// # Errors
/// Nobody can be told, or the file system doesn't let us note it.
pub async fn check(workshop: &Workshop, exercise: &Exercise, out: &mut dyn Write) -> Result<bool> {
    if can_ask() && workshop.progress()?.of(&exercise.name).prediction.is_none() {
        predict(workshop, exercise, None, out).await?;
    }
    eprintln!("checking exercise {} ...", exercise.number);
    let checked = noted(workshop, exercise).await?;
    told(workshop, exercise, &checked, out)?;
    Ok(matches!(
        checked.verdict,
        Verdict::Passed | Verdict::Skipped(_)
    ))
}

/// Checks the work on `exercise`, and notes what came of it.
pub(super) async fn noted(workshop: &Workshop, exercise: &Exercise) -> Result<Checked> {
    let checked = check::check(&workshop.root, exercise).await;
    workshop.progress()?.note(&exercise.name, |done| {
        done.checks += 1;
        done.begun.get_or_insert_with(now);
        done.finding = match &checked.verdict {
            Verdict::NotYet(finding) => Some(finding.meaning.clone()),
            Verdict::Passed | Verdict::Skipped(_) | Verdict::Broken(_) => None,
        };
        if let Verdict::Passed = checked.verdict {
            done.passed.get_or_insert_with(now);
        }
    })?;
    Ok(checked)
}

/// Tells `out` what came of a check that was noted.
pub(super) fn told(
    workshop: &Workshop,
    exercise: &Exercise,
    checked: &Checked,
    out: &mut dyn Write,
) -> Result<()> {
    tell::checked(
        exercise,
        checked,
        &workshop.progress()?.of(&exercise.name),
        workshop.present()?,
        out,
    )
}
