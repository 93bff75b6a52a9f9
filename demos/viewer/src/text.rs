//! Makes untrusted text safe to show, and formats durations and numbers.

use std::time::Duration;

/// Cuts `text` after `max` characters and escapes its invisible control characters. maud escapes HTML later.
pub(crate) fn printable(text: &str, max: usize) -> String {
    let mut printable = String::new();
    for c in text.chars().take(max) {
        if c != '\n' && (c.is_control() || is_bidi_control(c)) {
            printable.extend(c.escape_unicode());
        } else {
            printable.push(c);
        }
    }
    let more = text.chars().count().saturating_sub(max);
    if more > 0 {
        format!("{printable}… and {more} more characters")
    } else {
        printable
    }
}

/// Returns whether `c` changes the direction of text (Unicode Standard Annex 9, section 2), so that it reads
/// differently.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Formats a duration like `4m 5s`, rounded up to a second. `viewer.js` does the same.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = u64::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

/// Returns `1 key` or `2 keys`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
