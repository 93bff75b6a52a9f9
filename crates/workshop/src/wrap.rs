//! Wraps text for a terminal of 80 columns.

use textwrap::{Options, WordSplitter};

/// The number of columns that a line may have.
pub const WIDTH: usize = 80;

/// Wraps `text` at [`WIDTH`] columns and indents each line by `indent`.
pub fn wrapped(text: &str, indent: &str) -> String {
    let lines = text.trim().lines();
    let lines: Vec<_> = lines.flat_map(|line| wrap(line, indent, indent)).collect();
    lines.join("\n")
}

/// Puts `label` before `text`, and wraps `text` in a column of its own.
pub(crate) fn labelled(label: &str, text: &str) -> String {
    let label = format!("  {label:<10}");
    let indent = " ".repeat(label.len());
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let first = if lines.is_empty() { &label } else { &indent };
        if is_source_excerpt(line) {
            lines.push(shortened(&format!("{first}{line}"), WIDTH));
        } else {
            lines.extend(wrap(line, first, &indent));
        }
    }
    lines.join("\n")
}

/// Wraps one line without cutting words, because attendees copy paths and commands.
fn wrap(line: &str, first_indent: &str, indent: &str) -> Vec<String> {
    let options = Options::new(WIDTH)
        .initial_indent(first_indent)
        .subsequent_indent(indent)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::wrap(line, options)
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Returns whether the compiler shows source code in `line`, as in `12 | let x` or `   |     ^^^`. Such a line must not
/// be wrapped, because its marks would point to something else.
fn is_source_excerpt(line: &str) -> bool {
    let line = line.trim_start();
    let code = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = code.len() < line.len();
    let code = code.trim_start();
    code.starts_with('|')
        || code.starts_with("--> ")
        || (numbered && code.starts_with(['+', '-', '~']))
}

/// Returns `line` in at most `width` columns. The last one is `…` if something was cut.
pub(crate) fn shortened(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.trim_end().to_owned();
    }
    line.chars().take(width - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_text_shows_that_it_was_cut() {
        assert_eq!(shortened("2 tea, 1 pear", 13), "2 tea, 1 pear");
        assert_eq!(shortened("2 tea, 1 pear", 12), "2 tea, 1 pe…");
    }

    #[test]
    fn source_is_recognized_by_its_margin() {
        let source = [
            "  --> exercises/01-count/main.rs:12:30",
            "12 -     let count",
        ];
        assert!(source.into_iter().all(is_source_excerpt));
        let prose = ["-> a command", "12 visits", "- a point"];
        assert!(!prose.into_iter().any(is_source_excerpt));
    }
}
