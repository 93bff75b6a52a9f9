//! The entry of a state by which stores and application exchange facts that the trait has no room for.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::metadata::Metadata;

/// A session's state as actix-session passes it: names, and values as JSON texts.
pub type State = HashMap<String, String>;

/// Name of the one entry of a loaded [`State`] that does not belong to the application.
///
/// `update` and `save` get nothing but the state. So this entry holds what a store must remember from `load`: the
/// session's ID, its [`Times`](crate::Times), and its user. It also holds what the application asks of the store, for
/// instance by [`sign_in`](crate::sign_in), until the request ends. Handlers must not touch this entry. No store writes
/// it into `Data`. [`Session::clear`](actix_session::Session::clear) removes it with the rest of the state: the store
/// then forgets what was asked, and looks up the session's times and user again.
pub const RESERVED: &str = "_session";

/// The content of the [`RESERVED`] entry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reserved {
    /// `None` if the session is new, or if a handler has cleared it.
    #[serde(flatten)]
    pub(crate) loaded: Option<Loaded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ask: Option<Ask>,
}

/// The facts about a session that a store remembers from `load` to `update`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Loaded {
    #[serde(rename = "ID")]
    pub(crate) id: Uuid,
    #[serde(flatten)]
    pub(crate) metadata: Metadata,
    /// Whether the cookie holds an older ID of the session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) moved: bool,
}

/// A request of the application to the store. Each variant includes the ones before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Send the visitor the current ID.
    Follow,
    Rotate {
        /// The [`fingerprint`] of the entries, if no handler had changed them.
        unchanged: Option<u64>,
    },
    Renew,
    SignIn(String),
}

impl Reserved {
    /// Returns the reserved entry of `state`, or an empty one if `state` has none that can be read.
    pub(crate) fn of(state: &State) -> Self {
        state
            .get(RESERVED)
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }

    /// Returns the reserved entry of `state`, as [`of`](Self::of), and removes it.
    pub(crate) fn take(state: &mut State) -> Self {
        let reserved = Self::of(state);
        state.remove(RESERVED);
        reserved
    }

    /// Asks for `ask`, unless more has been asked for already. The last login counts.
    pub(crate) fn ask(&mut self, ask: Ask) {
        if matches!(ask, Ask::SignIn(_)) || self.ask.as_ref().is_none_or(|current| *current < ask) {
            self.ask = Some(ask);
        }
    }
}

/// Returns a hash of the application's entries, to find out whether a request has changed them.
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
    fn an_unreadable_reserved_entry_counts_as_empty() {
        for json in ["", "null", "[]", "{}", r#"{"ID":"x"}"#] {
            let reserved = Reserved::of(&State::from([(RESERVED.to_owned(), json.to_owned())]));
            assert!(
                reserved.loaded.is_none() && reserved.ask.is_none(),
                "{json}"
            );
        }
    }
}
