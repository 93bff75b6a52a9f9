//! A session at rest: one JSON object, the same wherever it lies.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::{OffsetDateTime, serde::rfc3339};
use uuid::Uuid;

use crate::{
    id,
    reserved::{Ask, Loaded, RESERVED, Reserved},
};

/// A session's state as actix-session hands it over: names, and values as JSON texts.
pub type State = HashMap<String, String>;

/// When a session began and last changed its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Times {
    /// Start of the session; the absolute timeout counts from here, through every renewal of the id.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the session got its present id.
    #[serde(with = "rfc3339")]
    pub rotated_at: OffsetDateTime,
}

/// What a change leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Origin {
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
}

impl Origin {
    /// That of a session which begins `now`.
    pub(crate) fn new(user: Option<String>, now: OffsetDateTime) -> Self {
        Self {
            times: Times {
                created_at: now,
                rotated_at: now,
            },
            user,
        }
    }

    /// The same with a new id.
    pub(crate) fn renewed(self, now: OffsetDateTime) -> Self {
        Self {
            times: Times {
                rotated_at: now,
                ..self.times
            },
            ..self
        }
    }
}

/// A session at rest.
///
/// ```
/// let text = r#"{"ID":"7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e","Data":{"visitCount":3},
///     "CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00Z","RotatedAt":"2026-01-01T10:00:00Z"}"#;
/// let record: session_stores::Record = serde_json::from_str(text)?;
/// assert_eq!(record.data["visitCount"].get(), "3");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Record {
    /// The session's id, again: a record that lies under another's name is malformed.
    #[serde(rename = "ID")]
    pub id: Uuid,
    /// Who has signed in to it, if anybody has; see [`sign_in`](crate::sign_in).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The application's entries, as the JSON it gave.
    pub data: BTreeMap<String, Box<RawValue>>,
    /// See [`Times::created_at`].
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the state was last written.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// See [`Times::rotated_at`].
    #[serde(with = "rfc3339")]
    pub rotated_at: OffsetDateTime,
}

impl Record {
    /// The record of a session that gets its id now: a new one, or, if `state` was loaded before, one that is renewed.
    pub(crate) fn saved(
        id: Uuid,
        mut state: State,
        now: OffsetDateTime,
    ) -> serde_json::Result<Self> {
        let origin = match Reserved::take(&mut state) {
            Reserved {
                ask: Some(Ask::SignIn(user)),
                ..
            } => Origin::new(Some(user), now),
            Reserved {
                loaded: Some(loaded),
                ..
            } => loaded.origin.renewed(now),
            Reserved { loaded: None, .. } => Origin::new(None, now),
        };
        Self::new(id, state, origin, now)
    }

    /// The record of a session whose state changes now, in a store that adopts: without a `present` origin it starts
    /// anew. It lies under another id if `state` asks for that.
    pub(crate) fn updated(
        id: Uuid,
        mut state: State,
        present: Option<Origin>,
        now: OffsetDateTime,
    ) -> serde_json::Result<Self> {
        let ask = Reserved::take(&mut state).ask;
        let present = present.unwrap_or(Origin::new(None, now));
        match ask {
            None | Some(Ask::Follow) => Self::new(id, state, present, now),
            Some(Ask::Rotate { .. } | Ask::Renew) => {
                Self::new(id::fresh(), state, present.renewed(now), now)
            }
            Some(Ask::SignIn(user)) => {
                Self::new(id::fresh(), state, Origin::new(Some(user), now), now)
            }
        }
    }

    /// The record of a session that changes now.
    pub(crate) fn new(
        id: Uuid,
        state: State,
        origin: Origin,
        now: OffsetDateTime,
    ) -> serde_json::Result<Self> {
        let data = state
            .into_iter()
            .map(|(name, json)| Ok((name, RawValue::from_string(json)?)))
            .collect::<Result<_, serde_json::Error>>()?;
        let Origin { times, user } = origin;
        Ok(Self {
            id,
            user,
            data,
            created_at: times.created_at,
            updated_at: now,
            rotated_at: times.rotated_at,
        })
    }

    /// Reads what lies under `id`.
    pub(crate) fn read(id: Uuid, json: &[u8]) -> Result<Self, Malformed> {
        let record: Self = serde_json::from_slice(json)?;
        if record.id == id {
            Ok(record)
        } else {
            Err(Malformed::Misplaced(record.id))
        }
    }

    /// What a change leaves as it is.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            times: Times {
                created_at: self.created_at,
                rotated_at: self.rotated_at,
            },
            user: self.user.clone(),
        }
    }

    /// As of a session that has `origin`.
    pub(crate) fn set_origin(&mut self, origin: Origin) {
        let Origin { times, user } = origin;
        (self.created_at, self.rotated_at, self.user) = (times.created_at, times.rotated_at, user);
    }

    /// The state that the application sees, and the reserved entry. `moved`: it was found through an older id.
    pub(crate) fn into_state(self, moved: bool) -> State {
        let loaded = Loaded {
            id: self.id,
            origin: self.origin(),
            moved,
        };
        let reserved = serde_json::to_string(&Reserved {
            loaded: Some(loaded),
            ask: None,
        });
        let mut state: State = self
            .data
            .into_iter()
            .map(|(name, json)| (name, Box::<str>::from(json).into()))
            .collect();
        state.insert(
            RESERVED.to_owned(),
            reserved.expect("an id, two times and a word are always JSON"),
        );
        state
    }
}

/// Why something at rest is not a session. Neither text repeats what was found: it may be anybody's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it is not a session record in JSON (line {}, column {})", .0.line(), .0.column())]
    Json(#[from] serde_json::Error),
    #[error("it is the record of another session")]
    Misplaced(Uuid),
    #[error("it is not a text")]
    NotText,
}

/// The present, to the millisecond: finer digits would only make the JSON harder to read.
pub(crate) fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_millisecond(now.millisecond())
        .expect("a millisecond of the clock is a valid one")
}
