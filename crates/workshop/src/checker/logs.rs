//! Finds the important lines in a program's log.

use crate::wrap::WIDTH;

/// Returns the last line that shows where the program listens.
pub(crate) fn listening_line(log: &str) -> String {
    let line = log.lines().rfind(|line| line.starts_with("listening on"));
    line.unwrap_or_default().to_owned()
}

/// Returns where and why a program panicked, if its log contains a panic.
pub(super) fn panic_in(log: &str) -> Option<String> {
    let mut lines = log.lines();
    let (_, place) = lines.find_map(|line| line.split_once("panicked at "))?;
    let reason = lines.next().unwrap_or_default();
    let place = place.trim_end_matches(':');
    Some(format!("a panic at {place}: {reason}"))
}

/// Returns the last error of a log without its time and place, as up to three steps.
pub(super) fn last_error(log: &str) -> Vec<String> {
    let error = |line| str::split_once(line, " ERROR ")?.1.split_once("] ");
    let (_, text) = log.lines().rev().find_map(error).unwrap_or_default();
    let text = text.split(" sessionID=").next().unwrap_or_default();
    let options = textwrap::Options::new(WIDTH - 2)
        .initial_indent("  ")
        .subsequent_indent("  ");
    textwrap::wrap(text, options)
        .into_iter()
        .take(3)
        .map(|line| line.trim_end().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_error_fits_into_the_terminal() {
        let log = "[2026-01-01T10:00:00Z ERROR server::store] session save failed: ERR syntax error sessionID=none\n[… INFO x] ok";
        assert_eq!(last_error(log), ["  session save failed: ERR syntax error"]);
        let wide = log.replace("syntax", &"long ".repeat(30));
        assert!(last_error(&wide).iter().all(|line| line.len() <= WIDTH - 2));
        assert!(last_error("listening").is_empty());
    }
}
