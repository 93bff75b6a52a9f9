//! The user ID.

use std::fmt;

use actix_web::http::StatusCode;
use precis_profiles::{UsernameCasePreserved, precis_core::profile::PrecisFastInvocation};
use unicode_security::MixedScript;

use crate::error::ApiError;

/// A user ID of 1 to 64 characters that looks like no other.
///
/// It follows the profile `UsernameCasePreserved` of PRECIS (RFC 8265, section 3.4): letters and digits of all
/// languages, and the punctuation of ASCII. So it has no spaces and no invisible characters. Its letters are of a
/// single script (UTS 39, section 5.1), because a Cyrillic `а` among Latin letters would look like theirs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct UserId(String);

const MAX_LENGTH: usize = 64;

impl UserId {
    /// The longest body of a login, in bytes. It leaves room for other fields, which are ignored.
    pub(crate) const MAX_BODY: usize = 4096;

    /// The name of the field with the user ID.
    pub(crate) const FIELD: &str = "userId";

    /// Checks and normalizes a user ID: two texts that mean the same give equal IDs.
    pub(crate) fn new(text: &str) -> Result<Self, ApiError> {
        let bad = |message| ApiError::new(StatusCode::BAD_REQUEST, message).for_field(Self::FIELD);
        if !(1..=MAX_LENGTH).contains(&text.chars().count()) {
            return Err(bad("a user ID has 1 to 64 characters"));
        }
        let id = UsernameCasePreserved::enforce(text).map_err(|_| {
            bad("a user ID has letters, digits and the punctuation of ASCII, and no spaces")
        })?;
        if id.is_single_script() {
            Ok(Self(id.into_owned()))
        } else {
            Err(bad(
                "the letters of a user ID are of one script, for example all Latin",
            ))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_1_to_64_visible_characters_of_one_script() {
        let visible = "alice a alice@example.com O'Brien \" \\ <b> Zoë 李雷 はなこ花子 Алиса";
        for good in visible.split(' ').chain([&*"ü".repeat(64)]) {
            assert_eq!(UserId::new(good).unwrap().as_str(), good);
        }
        let look_alikes = "\u{fe0f}\u{3164}\u{2800}\u{34f}\u{430}\u{3bf}\u{1f980}";
        let invisible = " \u{a0}\n\0\u{1b}\u{202e}\u{200b}\u{feff}\u{fffd}";
        let bad = look_alikes.chars().chain(invisible.chars());
        let bad = bad.map(|character| format!("alice{character}"));
        for bad in bad.chain([String::new(), "ü".repeat(65)]) {
            assert!(UserId::new(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn user_ids_that_mean_the_same_are_equal() {
        for (text, same) in [("Zoe\u{308}", "Zoë"), ("\u{ff41}lice", "alice")] {
            assert_eq!(UserId::new(text).unwrap(), UserId::new(same).unwrap());
        }
        assert_ne!(UserId::new("Alice").unwrap(), UserId::new("alice").unwrap());
    }
}
