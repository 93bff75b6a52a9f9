//! Who somebody may be.

use std::fmt;

use actix_web::http::StatusCode;

use crate::fault::Fault;

/// 1 to 64 characters that can be seen: no spaces, no control characters, none that are invisible or turn the text around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserId(String);

const LONGEST: usize = 64;

impl UserId {
    /// Bytes of a body that brings one, with room for what programs send beside it.
    pub(crate) const LONGEST_BODY: usize = 4096;

    /// The name of the field that brings one.
    pub(crate) const FIELD: &str = "userId";

    pub(crate) fn new(text: String) -> Result<Self, Fault> {
        let bad = |what: String| Err(Fault::new(StatusCode::BAD_REQUEST, what).of(Self::FIELD));
        match text.chars().count() {
            0 => bad(format!(
                "a user id is empty; it has 1 to {LONGEST} characters"
            )),
            1..=LONGEST if is_visible(&text) => Ok(Self(text)),
            1..=LONGEST => bad("a user id has visible characters only, and no spaces".to_owned()),
            more => bad(format!(
                "a user id has {more} characters; it may have 1 to {LONGEST}"
            )),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// For a log line.
impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_debug().fmt(f)
    }
}

/// Whether nothing in `text` would have to be escaped to be seen, and nothing stands for bytes that were no text.
fn is_visible(text: &str) -> bool {
    let quotes_aside = text.replace(['"', '\'', '\\'], "_");
    !quotes_aside.contains(|c: char| c.is_whitespace() || c == char::REPLACEMENT_CHARACTER)
        && quotes_aside.escape_debug().to_string() == quotes_aside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_1_to_64_visible_characters() {
        for good in [
            "alice",
            "a",
            "O'Brien",
            "\"",
            "\\",
            "<b>",
            "Zoë",
            "Zoe\u{308}",
            "李雷",
            "\u{1f980}",
            &"ü".repeat(64),
        ] {
            assert!(UserId::new(good.to_owned()).is_ok(), "{good:?}");
        }
        let bad = [
            "",
            " ",
            "a b",
            "a\u{a0}b",
            "a\n",
            "a\0",
            "\u{1b}[31m",
            "\u{202e}ecila",
            "a\u{200b}",
            "a\u{feff}",
            "\u{fffd}",
            "\u{308}a",
        ];
        for bad in bad.map(str::to_owned).into_iter().chain(["ü".repeat(65)]) {
            assert!(UserId::new(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
