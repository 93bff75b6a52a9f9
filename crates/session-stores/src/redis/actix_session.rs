//! Importing the sessions that actix-session's `RedisSessionStore` has stored.
//!
//! A session key of actix-session has 64 letters and digits. Under it, Redis has a JSON object whose values are texts
//! with JSON. The session is imported as in `import`, under an ID that is computed from the key. The first write
//! deletes the old key in the same step. It writes nothing if the old key has vanished since the load.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::{Builder, Uuid};

use super::{
    commands::Resolved, error::RedisStoreError, options::ActixSessions, store::RedisStore,
};
use crate::{Data, Loaded, Record, ShortId, Store, StoreError, Timeouts, record};

/// A session of actix-session: its name in Redis, and the ID that stands for it.
struct Old<'a> {
    name: String,
    id: Uuid,
    from: &'a ActixSessions,
}

impl RedisStore {
    /// Returns the session that `key` may name if sessions are imported.
    fn old(&self, key: &str) -> Option<Old<'_>> {
        let from = self.commands.options.import_actix_sessions.as_ref()?;
        let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_key.then(|| Old {
            name: format!("{}{key}", from.prefix),
            id: id_of(key),
            from,
        })
    }

    /// Returns the session that actix-session has stored under `key`, or the session as which it was imported.
    pub(super) async fn load_from_actix_session(
        &self,
        key: &str,
    ) -> Result<Option<Loaded>, StoreError> {
        let Some(old) = self.old(key) else {
            return Ok(None);
        };
        let now = record::now();
        let resolved = self.commands.resolve(old.id, Some(now)).await?;
        let Resolved::Unused = resolved else {
            return self.loaded(old.id, resolved).await;
        };
        let Some(text) = self.commands.get(&old.name).await? else {
            return Ok(None);
        };
        let record = old.record(&text, now, &self.timeouts());
        if record.is_none() {
            let id = ShortId::from(old.id);
            log::warn!(
                "{id}… in Redis is not a session of actix-session, or too large; the visitor gets a new one"
            );
        }
        Ok(record.map(|record| Loaded {
            record,
            version: None,
            has_stale_key: true,
            imported_from: Some(old.name),
        }))
    }

    /// Ends the session that actix-session has stored under `key`, even if it was imported.
    pub(super) async fn delete_from_actix_session(&self, key: &str) -> Result<(), RedisStoreError> {
        match self.old(key) {
            Some(old) => self.commands.delete_with(old.id, &old.name).await,
            None => Ok(()),
        }
    }
}

impl Old<'_> {
    /// Returns the session in `text`, which begins `now`: its real start is unknown. Returns `None` if it is malformed,
    /// or too large to be imported.
    fn record(&self, text: &[u8], now: OffsetDateTime, timeouts: &Timeouts) -> Option<Record> {
        let state: BTreeMap<String, String> = serde_json::from_slice(text).ok()?;
        let entry = |(name, json)| Some((name, RawValue::from_string(json).ok()?));
        let data: Data = state.into_iter().map(entry).collect::<Option<_>>()?;
        let user = self.from.user_entry.as_ref();
        let user = user.and_then(|name| user_in(data.get(name)?));
        let mut record = Record::begin(user, now, timeouts);
        record.id = self.id;
        record.data = data;
        // actix-session has no limit. The import adds the previous ID.
        record.previous_id = Some(self.id);
        record.encode().ok()?;
        record.previous_id = None;
        Some(record)
    }
}

/// Returns the user in an entry, which is a text or a number.
fn user_in(entry: &RawValue) -> Option<String> {
    match serde_json::from_str(entry.get()).ok()? {
        serde_json::Value::String(user) => Some(user),
        serde_json::Value::Number(user) => Some(user.to_string()),
        _ => None,
    }
}

/// Returns an ID from which `key` can't be computed.
fn id_of(key: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(key)[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}
