//! The entry of a state that stores and application speak through.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{State, record::Origin};

/// The one entry of a loaded [`State`] that is not the application's.
///
/// `update` and `save` get nothing but the state, so what a store must remember from `load` rides along in it: the
/// session's id, its [`Times`](crate::Times), and its user. What the application asks of the store at the end of the
/// request, as by [`sign_in`](crate::sign_in), waits in it too. Handlers leave this entry alone, and it is never at rest
/// in `Data`. [`Session::clear`](actix_session::Session::clear) empties it with the rest of the state: what was asked
/// before is taken back, and what was remembered is looked up again.
pub const RESERVED: &str = "_session";

/// What is in the [`RESERVED`] entry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reserved {
    /// `None` if the session wasn't loaded, was adopted, or was cleared by a handler.
    #[serde(flatten)]
    pub(crate) loaded: Option<Loaded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ask: Option<Ask>,
}

/// The session as `load` found it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Loaded {
    #[serde(rename = "ID")]
    pub(crate) id: Uuid,
    #[serde(flatten)]
    pub(crate) origin: Origin,
    /// Whether the id in the cookie is an older one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) moved: bool,
}

/// What the application asks of the store, each more than the one before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Nothing but the present id.
    Follow,
    Rotate {
        /// The [`fingerprint`] of the entries, if they were as loaded.
        unchanged: Option<u64>,
    },
    Renew,
    SignIn(String),
}

impl Reserved {
    /// What `state` carries; nothing, if a handler has written something else into the entry.
    pub(crate) fn of(state: &State) -> Self {
        state
            .get(RESERVED)
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }

    /// As [`of`](Self::of), and takes the entry out.
    pub(crate) fn take(state: &mut State) -> Self {
        let reserved = Self::of(state);
        state.remove(RESERVED);
        reserved
    }

    /// Asks for `ask` as well: what is asked last counts, but nothing takes a sign-in or a renewal back.
    pub(crate) fn ask(&mut self, ask: Ask) {
        if matches!(ask, Ask::SignIn(_)) || self.ask.as_ref().is_none_or(|present| *present < ask) {
            self.ask = Some(ask);
        }
    }
}

/// Tells, within a request, whether the application's entries have changed.
pub(crate) fn fingerprint(state: &State) -> u64 {
    let mut entries: Vec<_> = state.iter().filter(|(name, _)| *name != RESERVED).collect();
    entries.sort_unstable();
    let mut hasher = DefaultHasher::new();
    entries.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_takes_a_sign_in_back_but_another_one() {
        let mut reserved = Reserved::default();
        for ask in [
            Ask::Rotate { unchanged: None },
            Ask::SignIn("bob".to_owned()),
            Ask::SignIn("alice".to_owned()),
            Ask::Renew,
            Ask::Follow,
        ] {
            reserved.ask(ask);
        }
        assert_eq!(reserved.ask, Some(Ask::SignIn("alice".to_owned())));
    }

    #[test]
    fn an_entry_that_is_not_the_stores_says_nothing() {
        for json in ["", "null", "[]", "{}", r#"{"ID":"x"}"#] {
            let reserved = Reserved::of(&State::from([(RESERVED.to_owned(), json.to_owned())]));
            assert!(
                reserved.loaded.is_none() && reserved.ask.is_none(),
                "{json}"
            );
        }
    }
}
