//! Makes untrusted text safe to show, and formats durations.

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

/// Returns whether `c` changes the direction of text (Unicode Standard Annex 9, section 2), so that it reads differently.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Formats a duration like `4:05`, `1:00:05` or `2 d 1:00:05`, rounded up to a second. `viewer.js` does the same.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1000);
    let (days, hours, minutes, seconds) = (
        seconds / 86400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    );
    match (days, hours) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days} d {hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_a_clock() {
        for (millis, text) in [
            (0, "0:00"),
            (1, "0:01"),
            (245_000, "4:05"),
            (3_605_000, "1:00:05"),
            (176_405_000, "2 d 1:00:05"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }
}
