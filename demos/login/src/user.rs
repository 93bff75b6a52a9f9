//! The user ID.

use std::fmt;

use actix_web::http::StatusCode;

use crate::error::ApiError;

/// A user ID of 1 to 64 characters, without spaces, control characters, and characters that
/// `char::escape_debug` escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserId(String);

const MAX_LENGTH: usize = 64;

impl UserId {
    /// The longest body of a login, in bytes. It leaves room for other fields, which are ignored.
    pub(crate) const MAX_BODY: usize = 4096;

    /// The name of the field with the user ID.
    pub(crate) const FIELD: &str = "userId";

    pub(crate) fn new(text: String) -> Result<Self, ApiError> {
        let message = match text.chars().count() {
            1..=MAX_LENGTH if is_visible(&text) => return Ok(Self(text)),
            0 => format!("a user ID is empty; it has 1 to {MAX_LENGTH} characters"),
            1..=MAX_LENGTH => "a user ID has visible characters only, and no spaces".to_owned(),
            more => format!("a user ID has {more} characters; it may have 1 to {MAX_LENGTH}"),
        };
        Err(ApiError::new(StatusCode::BAD_REQUEST, message).for_field(Self::FIELD))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Escapes the user ID for a log line.
impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_debug().fmt(f)
    }
}

/// Returns whether `text` has no spaces, no replacement characters, and no characters that
/// `escape_debug` escapes, apart from quotes and backslashes.
fn is_visible(text: &str) -> bool {
    let text = text.replace(['"', '\'', '\\'], "_");
    !text.contains(|c: char| c.is_whitespace() || c == char::REPLACEMENT_CHARACTER)
        && text.escape_debug().eq(text.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_1_to_64_visible_characters() {
        let visible = "alice a O'Brien \" \\ <b> Zoë Zoe\u{308} 李雷 \u{1f980}";
        for good in visible.split(' ').chain([&*"ü".repeat(64)]) {
            assert!(UserId::new(good.to_owned()).is_ok(), "{good:?}");
        }
        let invisible = " \u{a0}\n\0\u{1b}\u{202e}\u{200b}\u{feff}\u{fffd}";
        let bad = invisible.chars().map(|c| format!("a{c}b"));
        for bad in bad.chain(["", "\u{308}a", &"ü".repeat(65)].map(str::to_owned)) {
            assert!(UserId::new(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
