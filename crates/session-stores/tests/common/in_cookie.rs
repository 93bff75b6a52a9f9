//! Session keys of the cookie store.

use std::time::Duration;

use actix_session::storage::SessionKey;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{key, unknown};

/// Reads the record in `key`, as anyone can who has the cookie.
pub(crate) fn read(key: &SessionKey) -> Value {
    let base64 = key.as_ref().split_once('.').unwrap().1;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(base64).unwrap()).unwrap()
}

/// Returns the key with the ID and the data of `record`.
pub(crate) fn encode(record: &Value) -> SessionKey {
    let base64 = BASE64_URL_SAFE_NO_PAD.encode(record.to_string());
    key(&format!("{}.{base64}", record["ID"].as_str().unwrap()))
}

/// Returns the key of alice's session, with `n` being 1, that began `began` ago. She got the cookie `given` ago.
pub(crate) fn aged(began: Duration, given: Duration) -> SessionKey {
    let at = |ago: Duration| (OffsetDateTime::now_utc() - ago).format(&Rfc3339).unwrap();
    let (began, given) = (at(began), at(given));
    encode(
        &json!({"ID": unknown().as_ref(), "User": "alice", "Data": {"n": 1},
            "CreatedAt": began, "UpdatedAt": given, "RotatedAt": began}),
    )
}

/// Returns the ID in `key`.
pub(crate) fn id(key: &str) -> &str {
    key.split_once('.').unwrap().0
}
