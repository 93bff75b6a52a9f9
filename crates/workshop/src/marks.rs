//! The two marks in the file of an exercise. The attendee edits the lines between them.

use anyhow::{Context, Result};

/// A line outside the marks that differs from the starter.
#[derive(Debug, PartialEq)]
pub(crate) struct OutsideEdit {
    /// The number of the line in the attendee's file, from 1.
    pub(crate) line: usize,
    /// The line in the attendee's file. It is empty if the file ends before it.
    pub(crate) found: String,
    /// The line of the starter. It is empty if the starter has none there.
    pub(crate) starter: String,
}

/// Replaces the lines between the marks of `text` by `lines`.
pub fn filled(text: &str, lines: &str) -> Result<String> {
    let (before, after) = around(text)?;
    let lines = before.into_iter().chain(lines.lines()).chain(after);
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

/// Returns an edit of `work` outside the marks of its `starter`, if there is one. Space at the end of a line doesn't
/// count, so an editor may remove it.
pub(crate) fn outside_edit(work: &str, starter: &str) -> Result<Option<OutsideEdit>> {
    let (before, after) = around(starter)?;
    let work: Vec<_> = work.trim_end().lines().collect();
    let end = work.len();
    let edit = |index: Option<usize>, starter: &str| {
        let found = index.and_then(|index| work.get(index));
        let found = found.copied().unwrap_or_default();
        (found.trim_end() != starter.trim_end()).then(|| OutsideEdit {
            line: index.unwrap_or_default() + 1,
            found: found.to_owned(),
            starter: starter.to_owned(),
        })
    };
    let first = (0..).zip(&before);
    let mut first = first.filter_map(|(index, line)| edit(Some(index), line));
    // The attendee's part can have any length, so the lines after it are counted from the end.
    let last = (1..).zip(after.iter().rev());
    let mut last = last.filter_map(|(distance, line)| {
        let index = end.checked_sub(distance);
        edit(index.filter(|index| *index >= before.len()), line)
    });
    Ok(first.next().or_else(|| last.next()))
}

/// Returns the lines of `text` up to the first mark, and those from the second mark on.
fn around(text: &str) -> Result<(Vec<&str>, Vec<&str>)> {
    let all: Vec<_> = text.trim_end().lines().collect();
    let find = |mark: &str| {
        let position = all.iter().position(|line| line.contains(mark));
        position.with_context(|| format!("no line contains {mark}"))
    };
    let (start, end) = (find("YOUR TURN")?, find("UNTIL HERE")?);
    Ok((all[..=start].to_vec(), all[end..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTER: &str = "one\n// YOUR TURN\ntwo\n// UNTIL HERE\nthree\n";

    #[test]
    fn edits_between_the_marks_are_allowed() {
        for lines in ["", "2\n", "// UNTIL HERE\n2\n// YOUR TURN\n"] {
            let work = filled(STARTER, lines).unwrap();
            assert_eq!(outside_edit(&work, STARTER).unwrap(), None);
        }
        let windows = STARTER.replace('\n', "  \r\n") + "\n\n";
        assert_eq!(outside_edit(&windows, STARTER).unwrap(), None);
    }

    #[test]
    fn edits_outside_the_marks_are_found() {
        for (from, to, line, found, starter) in [
            ("one", "1", 1, "1", "one"),
            ("one", "use one", 1, "use one", "one"),
            ("one\n", "", 1, "// YOUR TURN", "one"),
            ("// YOUR TURN\n", "", 2, "two", "// YOUR TURN"),
            ("// UNTIL HERE\n", "", 3, "two", "// UNTIL HERE"),
            ("three", "3", 5, "3", "three"),
            ("three", "three\nfour", 6, "four", "three"),
        ] {
            let edit = outside_edit(&STARTER.replace(from, to), STARTER).unwrap();
            let (found, starter) = (found.to_owned(), starter.to_owned());
            let expected = OutsideEdit {
                line,
                found,
                starter,
            };
            assert_eq!(edit, Some(expected), "{from:?} became {to:?}");
        }
        assert!(outside_edit("", STARTER).unwrap().is_some());
        // One line cannot be both marks.
        let one_line = "one\n// YOUR TURN UNTIL HERE\nthree";
        assert!(outside_edit(one_line, STARTER).unwrap().is_some());
    }
}
