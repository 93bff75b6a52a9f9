//! A session at rest: one JSON object, the same wherever it lies.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::{OffsetDateTime, serde::rfc3339};
use uuid::Uuid;

/// A session's state as actix-session hands it over: names, and values as JSON texts.
pub type State = HashMap<String, String>;

/// The entry of a loaded [`State`] that carries the session's [`Times`].
///
/// `update` and `save` get nothing but the state, so what a store must remember from `load` rides along in it. Handlers
/// leave this entry alone, and it is never at rest in `Data`.
pub const RESERVED: &str = "_times";

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

impl Times {
    fn starting(now: OffsetDateTime) -> Self {
        Self { created_at: now, rotated_at: now }
    }

    /// The times in a state that `load` returned; `None` if it wasn't loaded or a handler cleared it.
    pub(crate) fn of(state: &State) -> Option<Self> {
        serde_json::from_str(state.get(RESERVED)?).ok()
    }

    /// Takes the times [`of`](Self::of) a state out of it.
    pub(crate) fn take(state: &mut State) -> Option<Self> {
        let times = Self::of(state);
        state.remove(RESERVED);
        times
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
    pub(crate) fn saved(id: Uuid, mut state: State, now: OffsetDateTime) -> serde_json::Result<Self> {
        let times = Times::take(&mut state).map_or(Times::starting(now), |times| Times { rotated_at: now, ..times });
        Self::new(id, state, times, now)
    }

    /// The record of a session whose state changes now; without `times` it starts anew.
    pub(crate) fn updated(id: Uuid, mut state: State, times: Option<Times>, now: OffsetDateTime) -> serde_json::Result<Self> {
        state.remove(RESERVED);
        Self::new(id, state, times.unwrap_or(Times::starting(now)), now)
    }

    fn new(id: Uuid, state: State, times: Times, now: OffsetDateTime) -> serde_json::Result<Self> {
        let data =
            state.into_iter().map(|(name, json)| Ok((name, RawValue::from_string(json)?))).collect::<Result<_, serde_json::Error>>()?;
        Ok(Self { id, data, created_at: times.created_at, updated_at: now, rotated_at: times.rotated_at })
    }

    /// Reads what lies under `id`.
    pub(crate) fn read(id: Uuid, json: &[u8]) -> Result<Self, Malformed> {
        let record: Self = serde_json::from_slice(json)?;
        if record.id == id { Ok(record) } else { Err(Malformed::Misplaced(record.id)) }
    }

    /// The session's times.
    pub(crate) fn times(&self) -> Times {
        Times { created_at: self.created_at, rotated_at: self.rotated_at }
    }

    /// The state that the application sees, and the reserved entry.
    pub(crate) fn into_state(self) -> State {
        let times = serde_json::to_string(&self.times()).expect("two times are always JSON");
        let mut state: State = self.data.into_iter().map(|(name, json)| (name, Box::<str>::from(json).into())).collect();
        state.insert(RESERVED.to_owned(), times);
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
    now.replace_millisecond(now.millisecond()).expect("a millisecond of the clock is a valid one")
}
