//! Sessions that are their own keys.

use std::time::Duration;

use actix_session::storage::SessionKey;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{key, unknown};

/// What anybody can do who has the cookie.
pub(crate) fn read(key: &SessionKey) -> Value {
    let sealed = key.as_ref().split_once('.').unwrap().1;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(sealed).unwrap()).unwrap()
}

/// The key of alice's session, `n` being 1, that began `began` ago and was given to her `given` ago.
pub(crate) fn aged(began: Duration, given: Duration) -> SessionKey {
    let id = unknown();
    let at = |ago: Duration| (OffsetDateTime::now_utc() - ago).format(&Rfc3339).unwrap();
    let (began, given) = (at(began), at(given));
    let json = json!({"ID": id.as_ref(), "User": "alice", "Data": {"n": 1}, "CreatedAt": began, "UpdatedAt": given, "RotatedAt": began});
    key(&format!(
        "{}.{}",
        id.as_ref(),
        BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
    ))
}

/// The id in `key`.
pub(crate) fn id(key: &str) -> &str {
    key.split_once('.').unwrap().0
}
