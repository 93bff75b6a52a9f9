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
    text.trim()
        .lines()
        .flat_map(|line| textwrap::wrap(line, &options))
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Words are never cut: a path or a command is to be copied.
fn options<'a>(first: &'a str, later: &'a str) -> textwrap::Options<'a> {
    let whole = textwrap::WordSplitter::NoHyphenation;
    textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(later)
        .word_splitter(whole)
        .break_words(false)
}

/// `text` behind `label`, wrapped in a column of its own.
pub(crate) fn labelled(label: &str, text: &str) -> Vec<String> {
    let label = format!("  {label:<10}");
    let indent = " ".repeat(label.len());
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let first = if lines.is_empty() {
            label.as_str()
        } else {
            indent.as_str()
        };
        if is_drawn(line) {
            lines.push(cut(&format!("{first}{line}")));
            continue;
        }
        lines.extend(
            textwrap::wrap(line, options(first, &indent))
                .into_iter()
                .map(|line| line.trim_end().to_owned()),
        );
    }
    lines
}

/// Whether `line` belongs to a compiler's drawing of source code, as `12 | let x` or `   |     ^^^`: torn apart it would
/// point elsewhere.
fn is_drawn(line: &str) -> bool {
    let line = line.trim_start();
    let code = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = code.len() < line.len();
    let code = code.trim_start();
    code.starts_with('|')
        || code.starts_with("--> ")
        || (numbered && code.starts_with(['+', '-', '~']))
}

/// `line`, its end left out if it is too long.
fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.trim_end().to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

/// Tells `out` what came of checking `exercise`, of which `done` is known, this check included.
///
/// # Errors
/// Nobody can be told.
pub fn checked(
    exercise: &Exercise,
    checked: &Checked,
    done: &Done,
    next: Option<&Exercise>,
    out: &mut dyn Write,
) -> Result<()> {
    let mut tail = Vec::new();
    match &checked.verdict {
        Verdict::Passed => {
            tail.push(format!(
                "{GOOD}PASSED{GOOD:#} in {:.1} s",
                checked.took.as_secs_f32()
            ));
            tail.extend(prediction(exercise, done));
            tail.extend(wrapped(&exercise.card.explanation, "  "));
            tail.push(match next {
                Some(next) => format!(
                    "Next: exercise {}, {}: {COMMAND} shows it.",
                    next.number, next.card.title
                ),
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
    if !exercise.file().exists() {
        return Ok(vec![format!(
            "The starter comes back with {COMMAND} reset {} --yes",
            exercise.number
        )]);
    }
    let text = if exercise.is_untouched()? {
        format!(
            "This is the starter, untouched: it is meant to fail so. Edit {file}, between YOUR TURN and UNTIL HERE."
        )
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
    let right = prediction
        .lettered()
        .find(|(letter, _)| *letter == prediction.answer)
        .map_or("", |(_, choice)| choice);
    let text = match done.prediction {
        None => return Vec::new(),
        Some(letter) if letter == prediction.answer => {
            format!("Your prediction was right: {letter}) {right}")
        }
        Some(letter) => format!(
            "You predicted {letter}. It is {}) {right}",
            prediction.answer
        ),
    };
    wrapped(&text, "  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_cut_and_prose_is_wrapped() {
        let text = format!("error: {0}\n12 | {0}\n   | ^^", "words and ".repeat(8));
        let lines = labelled("observed", &text);
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(
            lines.iter().all(|line| line.chars().count() <= WIDTH),
            "{lines:#?}"
        );
        assert!(
            lines[2].starts_with("            12 | words") && lines[2].ends_with('…'),
            "{lines:#?}"
        );
        assert_eq!(lines[3], "               | ^^");
        assert!(
            is_drawn("  --> exercises/01-count/main.rs:12:30") && is_drawn("12 -     let count")
        );
        assert!(!is_drawn("-> a command") && !is_drawn("12 visits") && !is_drawn("- a point"));
    }
}
