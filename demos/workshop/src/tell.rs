//! How things are told: at most 80 columns and 25 lines, meaning never by colour alone.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use anyhow::Result;

use crate::{
    check::{Checked, Verdict},
    exercise::Exercise,
    finding::Finding,
    progress::Done,
};

/// How this program is called.
pub const COMMAND: &str = "scripts/workshop.sh";

/// Columns that are filled.
pub const WIDTH: usize = 80;

/// Lines that the verdict on a check may take.
const LINES: usize = 25;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Yellow.on_default().bold();

/// `text` in lines of at most [`WIDTH`] columns, each indented by `indent`.
#[must_use]
pub fn wrapped(text: &str, indent: &str) -> Vec<String> {
    let options = options(indent, indent);
    text.trim().lines().flat_map(|line| textwrap::wrap(line, &options)).map(|line| line.trim_end().to_owned()).collect()
}

/// Words are never cut: a path or a command is to be copied.
fn options<'a>(first: &'a str, later: &'a str) -> textwrap::Options<'a> {
    let whole = textwrap::WordSplitter::NoHyphenation;
    textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(later).word_splitter(whole).break_words(false)
}

/// `text` behind `label`, wrapped in a column of its own.
fn labelled(label: &str, text: &str) -> Vec<String> {
    let label = format!("  {label:<10}");
    let indent = " ".repeat(label.len());
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let first = if lines.is_empty() { label.as_str() } else { indent.as_str() };
        lines.extend(textwrap::wrap(line, options(first, &indent)).into_iter().map(|line| line.trim_end().to_owned()));
    }
    lines
}

/// Tells `out` what came of checking `exercise`, of which `done` is known, this check included.
///
/// # Errors
/// Nobody can be told.
pub fn checked(exercise: &Exercise, checked: &Checked, done: &Done, next: Option<&Exercise>, out: &mut dyn Write) -> Result<()> {
    let mut tail = Vec::new();
    match &checked.verdict {
        Verdict::Passed => {
            tail.push(format!("{GOOD}PASSED{GOOD:#} in {:.1} s", checked.took.as_secs_f32()));
            tail.extend(prediction(exercise, done));
            tail.extend(wrapped(&exercise.card.explanation, "  "));
            tail.push(match next {
                Some(next) => format!("Next: exercise {}, {}: {COMMAND} shows it.", next.number, next.card.title),
                None => "That was the last one.".to_owned(),
            });
        }
        Verdict::NotYet(finding) => {
            tail.push(format!("{BAD}NOT YET{BAD:#}"));
            tail.extend(found(finding));
            tail.extend(advice(exercise, done)?);
        }
        Verdict::Skipped(reason) => {
            tail.push(format!("{BAD}SKIPPED{BAD:#}: it can't be checked here."));
            tail.extend(wrapped(reason, "  "));
        }
        Verdict::Broken(error) => {
            tail.push(format!("{BAD}NOT CHECKED{BAD:#}: this says nothing about your work; something it needs is missing."));
            tail.extend(wrapped(&format!("{error:#}"), "  ").into_iter().take(15));
            tail.push(format!("Next: {COMMAND} doctor"));
        }
    }
    writeln!(out, "Exercise {}, {}", exercise.number, exercise.card.title)?;
    let room = LINES.saturating_sub(tail.len() + 2);
    let left_out = checked.steps.len().saturating_sub(room);
    for step in &checked.steps[left_out..] {
        writeln!(out, "  {step}")?;
    }
    tail.truncate(LINES - 2);
    writeln!(out, "{}\n", tail.join("\n"))?;
    Ok(())
}

/// A finding, as text.
fn found(finding: &Finding) -> Vec<String> {
    let mut lines = labelled("expected", &finding.expected);
    lines.extend(labelled("observed", &finding.observed));
    if let Some(instance) = &finding.instance {
        lines.extend(labelled("instance", instance));
    }
    lines.extend(labelled("meaning", &finding.meaning));
    lines
}

/// What to do about a finding.
fn advice(exercise: &Exercise, done: &Done) -> Result<Vec<String>> {
    let file = exercise.shown_file();
    let text = if exercise.is_untouched()? {
        format!("This is the starter, untouched: it is meant to fail so. Edit {file}, between YOUR TURN and UNTIL HERE.")
    } else {
        format!("Edit {file}, and check again.")
    };
    let mut lines = wrapped(&text, "");
    if done.hints < exercise.card.hints.len() {
        lines.push(format!("A hint: {COMMAND} hint {}", exercise.number));
    }
    Ok(lines)
}

/// How the prediction compares with what came.
fn prediction(exercise: &Exercise, done: &Done) -> Vec<String> {
    let prediction = &exercise.card.prediction;
    let right = prediction.lettered().find(|(letter, _)| *letter == prediction.answer).map_or("", |(_, choice)| choice);
    let text = match done.prediction {
        None => return Vec::new(),
        Some(letter) if letter == prediction.answer => format!("Your prediction was right: {letter}) {right}"),
        Some(letter) => format!("You predicted {letter}. It is {}) {right}", prediction.answer),
    };
    wrapped(&text, "  ")
}
