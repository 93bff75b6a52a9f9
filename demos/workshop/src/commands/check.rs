//! Checks the work on one exercise.

use std::io::Write;

use anyhow::Result;

use super::{Workshop, can_ask, predict};
use crate::{
    check::{self, Verdict},
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
        predict(workshop, exercise, None, out)?;
    }
    eprintln!("checking exercise {} ...", exercise.number);
    let checked = check::check(&workshop.root, exercise).await;
    let mut progress = workshop.progress()?;
    progress.note(&exercise.name, |done| {
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
    tell::checked(exercise, &checked, &progress.of(&exercise.name), workshop.present()?, out)?;
    Ok(matches!(checked.verdict, Verdict::Passed | Verdict::Skipped(_)))
}
