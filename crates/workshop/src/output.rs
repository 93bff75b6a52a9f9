//! Prints the result of a check, in at most 25 lines. Colour never carries meaning of its own.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use anyhow::Result;

use crate::{
    changed,
    check::{CheckResult, Verdict},
    exercise::{COMMAND, Exercise},
    finding::Finding,
    progress::ExerciseState,
    tree::Workshop,
    wrap::{labelled, wrapped},
};

/// The number of lines that the result of a check may have.
const MAX_LINES: usize = 25;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Yellow.on_default().bold();

/// Prints the `result` of checking `exercise`, which the progress includes already.
pub(crate) fn print_result(
    workshop: &Workshop,
    exercise: &Exercise,
    result: &CheckResult,
    out: &mut dyn Write,
) -> Result<()> {
    let state = &workshop.state(exercise)?;
    let text = match &result.verdict {
        Verdict::Passed => {
            let seconds = result.duration.as_secs_f32();
            let next = match workshop.current()? {
                Some(next) => {
                    let (number, title) = (next.number, &next.info.title);
                    let next = format!("Next: exercise {number}, {title}. {COMMAND} shows it.");
                    wrapped(&next, "")
                }
                None => all_done(workshop)?,
            };
            format!(
                "{GOOD}PASSED{GOOD:#} in {seconds:.1} s\n{}{}\n{next}",
                prediction(exercise, state),
                wrapped(&exercise.info.explanation, "  ")
            )
        }
        Verdict::NotYet(finding) => format!(
            "{BAD}NOT YET{BAD:#}\n{}\n{}",
            describe(finding),
            advice(exercise, state)?
        ),
        Verdict::Skipped(reason) => format!(
            "{BAD}SKIPPED{BAD:#}: this exercise can't be checked here.\n{}",
            wrapped(reason, "  ")
        ),
        Verdict::Broken(error) => {
            let error = wrapped(&format!("{error:#}"), "  ");
            let error: Vec<_> = error.lines().take(15).collect();
            format!(
                "{BAD}NOT CHECKED{BAD:#}: this is not about your work. The check itself failed.\n\
                 {}\nNext: {COMMAND} doctor",
                error.join("\n")
            )
        }
    };
    let text = changed::warning(&workshop.root) + &text;
    writeln!(out, "Exercise {}, {}", exercise.number, exercise.info.title)?;
    let lines: Vec<_> = text.lines().take(MAX_LINES - 2).collect();
    let room = MAX_LINES - 2 - lines.len();
    for step in last_steps(&result.steps, room) {
        writeln!(out, "  {step}")?;
    }
    Ok(writeln!(out, "{}\n", lines.join("\n"))?)
}

/// Returns the last of `steps`, at most `room` lines. If some are left out, the first line says so.
fn last_steps(steps: &[String], room: usize) -> Vec<&str> {
    let left_out = steps.len() > room && room > 0;
    let from = (steps.len() + usize::from(left_out)).saturating_sub(room);
    let note = left_out.then_some("… (earlier steps are left out)");
    let steps = steps[from..].iter().map(String::as_str);
    note.into_iter().chain(steps).collect()
}

/// Returns what is left to do when no exercise is.
pub(crate) fn all_done(workshop: &Workshop) -> Result<String> {
    let extras = workshop.extras_left()?;
    let numbers: Vec<_> = extras.iter().map(|it| it.number.to_string()).collect();
    let rest = match &numbers[..] {
        [] => format!("{COMMAND} report lists them."),
        _ => format!(
            "Extras that are left: {}. {COMMAND} task N shows one.",
            numbers.join(", ")
        ),
    };
    Ok(wrapped(&format!("You have done all exercises. {rest}"), ""))
}

fn describe(finding: &Finding) -> String {
    let instance = finding.instance.as_ref();
    let instance = instance.map(|name| labelled("instance", name) + "\n");
    [
        labelled("expected", &finding.expected) + "\n",
        labelled("observed", &finding.observed) + "\n",
        instance.unwrap_or_default(),
        labelled("meaning", &finding.meaning),
    ]
    .concat()
}

/// Returns what the attendee can do about a finding.
fn advice(exercise: &Exercise, state: &ExerciseState) -> Result<String> {
    let (number, file) = (exercise.number, exercise.shown_file());
    if !exercise.file().exists() {
        return Ok(format!(
            "{COMMAND} reset {number} --yes restores the starter."
        ));
    }
    let text = if exercise.is_untouched()? {
        format!(
            "This is the untouched starter. It is meant to fail like this. \
             Edit {file}, between YOUR TURN and UNTIL HERE."
        )
    } else {
        format!("Edit {file}, and check again.")
    };
    let hint = if state.hints < exercise.info.hints.len() {
        format!("\nA hint: {COMMAND} hint {number}")
    } else {
        String::new()
    };
    Ok(wrapped(&text, "") + &hint)
}

/// Compares the attendee's prediction with the right answer.
fn prediction(exercise: &Exercise, state: &ExerciseState) -> String {
    let (answer, choice) = exercise.info.prediction.answer();
    let text = match state.prediction {
        None => return String::new(),
        Some(letter) if letter == answer => {
            format!("Your prediction was right: {answer}) {choice}")
        }
        Some(letter) => format!("You predicted {letter}. The answer is {answer}) {choice}"),
    };
    wrapped(&text, "  ") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_steps_are_mentioned_in_the_first_line() {
        let steps = ["one", "two", "three"].map(str::to_owned);
        assert_eq!(last_steps(&steps, 3), ["one", "two", "three"]);
        let shown = last_steps(&steps, 2);
        assert_eq!(shown, ["… (earlier steps are left out)", "three"]);
        assert!(last_steps(&steps, 0).is_empty());
    }
}
