//! What may be shown of a text that anybody may have written, and how time left is written.

use std::time::Duration;

/// `text` for a page: no longer than `most` characters, and nothing in it that acts instead of being seen. Escaping for
/// HTML comes on top of it.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(most) {
        if c != '\n' && (c.is_control() || turns_text_around(c)) {
            shown.extend(c.escape_unicode())
        } else {
            shown.push(c)
        }
    }
    let more = text.chars().count().saturating_sub(most);
    if more > 0 {
        format!("{shown}… and {more} more characters")
    } else {
        shown
    }
}

/// The controls of the bidirectional algorithm (Unicode Standard Annex 9, section 2), with which text reads as another.
fn turns_text_around(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `4:05`, `1:00:05` or `2 d 1:00:05`. A second that has begun counts. `viewer.js` writes the same.
pub(crate) fn left(time: Duration) -> String {
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
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(shown("ääääz", 4), "ääää… and 1 more characters");
        assert_eq!(shown("ääää", 4), "ääää");
    }

    #[test]
    fn what_would_act_on_the_reader_is_spelt_out() {
        assert_eq!(shown("a\u{7}\u{202e}b\nc", 9), "a\\u{7}\\u{202e}b\nc");
    }

    #[test]
    fn time_left_reads_like_a_clock() {
        for (millis, text) in [
            (0, "0:00"),
            (1, "0:01"),
            (245_000, "4:05"),
            (3_605_000, "1:00:05"),
            (176_405_000, "2 d 1:00:05"),
        ] {
            assert_eq!(left(Duration::from_millis(millis)), text);
        }
    }
}
