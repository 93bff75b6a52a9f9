//! The search for sessions.

use crate::{listed::Listed, place::head};

/// Characters of an ID that the page shows, and that a search compares.
const SHOWN: usize = 8;
/// Characters of a search. The demos allow as many in a user's name.
pub(crate) const MAX_SEARCH: usize = 64;

/// Finds the sessions whose ID or user begins with a text. With an empty text, there is no search.
///
/// A search compares only those characters of an ID that the page shows. So it cannot be used to guess the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    text: String,
    /// The text as the first digits of an ID: their value, and the number of bits after them.
    digits: Option<(u32, usize)>,
}

impl Search {
    /// Cuts `text` if it looks like an ID, so that a whole ID gets into no page and no link.
    pub(crate) fn new(text: &str) -> Self {
        let mut text: String = text.trim().chars().take(MAX_SEARCH).collect();
        if text.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
            text.truncate(SHOWN);
        }
        let is_hex = !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit());
        let value = is_hex.then(|| u32::from_str_radix(&text, 16).ok());
        let digits = value
            .flatten()
            .map(|value| (value, 4 * (SHOWN - text.len())));
        Self { text, digits }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns whether the text, which must not be empty, is the beginning of the ID or the user of `session`.
    pub(crate) fn finds(&self, session: &Listed) -> bool {
        if let Some((value, shift)) = self.digits
            && head(session.id) >> shift == value
        {
            return true;
        }
        let text = self.text.as_bytes();
        let user = session.user.as_ref().map(|user| user.as_bytes());
        user.and_then(|user| user.get(..text.len()))
            .is_some_and(|start| start == text || start.eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn alice() -> Listed {
        Listed {
            id: Uuid::from_u128(0x7d44_4840_9dc0_41d3_bd7a_8b8d_3e1a_6f9e),
            created: 0,
            user: Some("älice".into()),
        }
    }

    #[test]
    fn a_search_finds_the_start_of_an_id_or_a_user() {
        for text in ["7", "7D44", "7d444840", "ä", "äLICE"] {
            assert!(Search::new(text).finds(&alice()), "{text:?}");
        }
        for text in [
            "d", "d444840", "7d444841", "7-", "+7", "lice", "älices", "Ã", "%", "*",
        ] {
            assert!(!Search::new(text).finds(&alice()), "{text:?}");
        }
    }

    #[test]
    fn a_search_cuts_an_id_to_what_the_page_shows() {
        for text in [
            "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e",
            "7d444840-0000-41d3-bd7a-8b8d3e1a6f9e",
            "7d4448409dc041d3bd7a8b8d3e1a6f9e",
            "7d4448400",
        ] {
            let search = Search::new(text);
            assert_eq!(search.text(), "7d444840");
            assert!(search.finds(&alice()), "{text}");
        }
    }
}
