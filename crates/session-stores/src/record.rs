//! A session at rest: one JSON object, the same in every store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::{OffsetDateTime, serde::rfc3339};
use uuid::Uuid;

use crate::{
    id,
    metadata::{Metadata, Times},
    reserved::{Ask, Loaded, RESERVED, Reserved, State},
};

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
    /// The session's ID. A record that is stored under another ID is malformed.
    #[serde(rename = "ID")]
    pub id: Uuid,
    /// The user who is logged in; see [`sign_in`](crate::sign_in).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The application's entries, as the JSON that it wrote.
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
    /// Creates the record of a session that gets its ID now: a new session, or one that was loaded under another ID.
    pub(crate) fn saved(
        id: Uuid,
        mut state: State,
        now: OffsetDateTime,
    ) -> serde_json::Result<Self> {
        let Reserved { loaded, ask } = Reserved::take(&mut state);
        let metadata = match (ask, loaded) {
            (Some(Ask::SignIn(user)), _) => Metadata::new(Some(user), now),
            (_, Some(loaded)) => loaded.metadata.rotated(now),
            (_, None) => Metadata::new(None, now),
        };
        Self::new(id, state, metadata, now)
    }

    /// Creates the record of a session that a permissive store changes now. If `state` asks for it, the record has a
    /// new ID. `current` is the metadata that the store holds; without it a new session begins.
    pub(crate) fn updated(
        id: Uuid,
        mut state: State,
        current: Option<Metadata>,
        now: OffsetDateTime,
    ) -> serde_json::Result<Self> {
        let ask = Reserved::take(&mut state).ask;
        let current = current.unwrap_or(Metadata::new(None, now));
        let (id, metadata) = match ask {
            None | Some(Ask::Follow) => (id, current),
            Some(Ask::Rotate { .. } | Ask::Renew) => (id::fresh(), current.rotated(now)),
            Some(Ask::SignIn(user)) => (id::fresh(), Metadata::new(Some(user), now)),
        };
        Self::new(id, state, metadata, now)
    }

    /// Creates the record of a session that changes now.
    pub(crate) fn new(
        id: Uuid,
        state: State,
        metadata: Metadata,
        now: OffsetDateTime,
    ) -> serde_json::Result<Self> {
        let data = state
            .into_iter()
            .map(|(name, json)| Ok((name, RawValue::from_string(json)?)))
            .collect::<Result<_, serde_json::Error>>()?;
        let Metadata { times, user } = metadata;
        Ok(Self {
            id,
            user,
            data,
            created_at: times.created_at,
            updated_at: now,
            rotated_at: times.rotated_at,
        })
    }

    /// Reads the record that is stored under `id`.
    pub(crate) fn read(id: Uuid, json: &[u8]) -> Result<Self, Malformed> {
        let record: Self = serde_json::from_slice(json)?;
        if record.id == id {
            Ok(record)
        } else {
            Err(Malformed::Misplaced)
        }
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            times: Times {
                created_at: self.created_at,
                rotated_at: self.rotated_at,
            },
            user: self.user.clone(),
        }
    }

    pub(crate) fn set_metadata(&mut self, metadata: Metadata) {
        let Metadata { times, user } = metadata;
        (self.created_at, self.rotated_at, self.user) = (times.created_at, times.rotated_at, user);
    }

    /// Converts the record into the state of a request. `moved`: the visitor's cookie is out of date.
    pub(crate) fn into_state(self, moved: bool) -> State {
        let loaded = Loaded {
            id: self.id,
            metadata: self.metadata(),
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
            reserved.expect("the reserved entry can always be written as JSON"),
        );
        state
    }
}

/// Why a stored value is not a session. The texts don't quote the value, which may be private.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it is not a session record in JSON (line {}, column {})", .0.line(), .0.column())]
    Json(#[from] serde_json::Error),
    #[error("it is the record of another session")]
    Misplaced,
    #[error("it is not a string")]
    NotAString,
}

/// Returns the current time in milliseconds. Finer digits would make the JSON harder to read.
pub(crate) fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_millisecond(now.millisecond())
        .expect("a millisecond of the clock is a valid one")
}
