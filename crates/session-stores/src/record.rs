//! A session at rest: one JSON object, the same in every store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::{OffsetDateTime, serde::rfc3339};
use uuid::Uuid;

use crate::{StoreError, Timeouts, id};

/// The application's entries of a session: names, and values as the JSON that the application wrote.
pub type Data = BTreeMap<String, Box<RawValue>>;

/// A session at rest.
///
/// ```
/// let text = r#"{"Version":3,"ID":"7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e","Data":{"visitCount":3},
///     "CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00Z","RotatedAt":"2026-01-01T10:00:00Z",
///     "ExpiresAt":"2026-01-01T22:00:00Z"}"#;
/// let record: session_stores::Record = serde_json::from_str(text)?;
/// assert_eq!(record.data["visitCount"].get(), "3");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Record {
    /// Counts the writes of this session, from 1. A record without it has version 0: it was written before there were
    /// versions.
    // The first field, so that a script in Redis finds it without parsing the JSON.
    #[serde(default)]
    pub version: u64,
    /// The session's ID. A store rejects a record that it finds under a different ID.
    #[serde(rename = "ID")]
    pub id: Uuid,
    /// The ID before the last rotation, until a request uses the new one. Only [`RedisStore`](crate::RedisStore) sets
    /// it.
    #[serde(
        rename = "PreviousID",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub previous_id: Option<Uuid>,
    /// The user who is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// See [`Record::handle`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handle: Option<String>,
    /// The application's entries.
    pub data: Data,
    /// Start of the session: its first write, or the login.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the record was last written.
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
    /// When the session got its current ID.
    #[serde(with = "rfc3339")]
    pub rotated_at: OffsetDateTime,
    /// When the session ends even if it is used. `None` without an absolute timeout.
    #[serde(
        with = "rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<OffsetDateTime>,
}

/// More bytes than a record has without its user and its entries. Most records with them also have fewer.
const USUAL_BYTES: usize = 512;

impl Record {
    /// Maximum length in bytes of a record as JSON. Stores refuse to write a larger record. If they find a larger one,
    /// they don't parse it.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Creates the record of a session that begins `now`, with a new ID and no data. `user` is logged in to it.
    pub fn begin(user: Option<String>, now: OffsetDateTime, timeouts: &Timeouts) -> Self {
        Self {
            version: 0,
            id: id::fresh(),
            previous_id: None,
            handle: user.is_some().then(id::fresh_handle),
            user,
            data: Data::new(),
            created_at: now,
            updated_at: now,
            rotated_at: now,
            expires_at: timeouts.absolute.map(|limit| now + limit),
        }
    }

    /// Gives the session a new ID `now`.
    pub(crate) fn rotated(mut self, now: OffsetDateTime) -> Self {
        // It is known by this handle, which depends on the ID if it is from before handles were stored.
        self.handle = self.user.is_some().then(|| self.handle());
        Self {
            id: id::fresh(),
            previous_id: None,
            rotated_at: now,
            ..self
        }
    }

    /// Returns a name for the session that can be shown, because it does not reveal the ID: 16 hex digits. It stays the
    /// same when the ID is rotated, and changes with a login.
    pub fn handle(&self) -> String {
        let old = || id::handle_of(self.id);
        self.handle.clone().unwrap_or_else(old)
    }

    /// Writes the record as JSON.
    ///
    /// # Errors
    /// Returns [`StoreError::TooLarge`] if it is longer than [`MAX_BYTES`](Self::MAX_BYTES).
    ///
    /// # Panics
    /// Never: a record is always JSON.
    pub fn encode(&self) -> Result<Vec<u8>, StoreError> {
        let mut json = Vec::with_capacity(USUAL_BYTES);
        self.write(&mut json).expect("a record is always JSON");
        match json.len() {
            bytes if bytes > Self::MAX_BYTES => Err(StoreError::TooLarge {
                bytes,
                limit: Self::MAX_BYTES,
            }),
            _ => Ok(json),
        }
    }

    /// Returns the error of [`encode`](Self::encode), for a store that does not need the JSON.
    #[cfg(feature = "memory")]
    pub(crate) fn check_size(&self) -> Result<(), StoreError> {
        // In JSON, a byte of a name takes at most 6 bytes, as in `\u001f`. Quotes, colon and comma take 4.
        let names = self.data.keys().chain(&self.user);
        let names: usize = names.map(|name| 6 * name.len() + 4).sum();
        let values: usize = self.data.values().map(|value| value.get().len()).sum();
        if USUAL_BYTES + names + values <= Self::MAX_BYTES {
            return Ok(());
        }
        self.encode().map(drop)
    }

    /// Reads the record that is stored under `id`.
    ///
    /// ```
    /// use session_stores::{Record, Timeouts};
    /// use time::OffsetDateTime;
    ///
    /// let record = Record::begin(None, OffsetDateTime::now_utc(), &Timeouts::default());
    /// let json = record.encode()?;
    /// assert_eq!(Record::decode(record.id, &json)?.id, record.id);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if `json` is not a record, if it is the record of another session, or if it is too long.
    pub fn decode(id: Uuid, json: &[u8]) -> Result<Self, MalformedRecord> {
        if json.len() > Self::MAX_BYTES {
            return Err(MalformedRecord::TooLarge(json.len()));
        }
        // Checking all of it at once is faster than checking each text in it.
        let record: Self = match str::from_utf8(json) {
            Ok(json) => serde_json::from_str(json)?,
            Err(_) => serde_json::from_slice(json)?,
        };
        if record.id == id {
            Ok(record)
        } else {
            Err(MalformedRecord::Misplaced)
        }
    }
}

/// Why a stored value is not a session. The texts don't quote the value, which may be private.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedRecord {
    /// It is not a record in JSON.
    #[error("it is not a session record in JSON (line {}, column {})", .0.line(), .0.column())]
    Json(#[from] serde_json::Error),
    /// Its ID is not the one under which it is stored.
    #[error("it is the record of another session")]
    Misplaced,
    /// It has this many bytes.
    #[error("its {0} bytes are more than a session may have")]
    TooLarge(usize),
}

/// Returns the current time in milliseconds. Finer digits would make the JSON harder to read.
pub(crate) fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_millisecond(now.millisecond())
        .expect("a millisecond of the clock is a valid one")
}
