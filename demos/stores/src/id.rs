//! Session ids: UUIDs, version 4, in one canonical spelling.

use actix_session::storage::SessionKey;
use uuid::Uuid;

/// A new random id: 122 random bits.
pub(crate) fn fresh() -> Uuid {
    Uuid::new_v4()
}

/// The id in `key`, if it is a hyphenated lower-case UUID.
///
/// The signature of the cookie already keeps strangers' ids out. This keeps out what another application signed with the
/// same key, so that an id can name a file or a Redis key without further care.
pub(crate) fn parse(key: &SessionKey) -> Option<Uuid> {
    let id = Uuid::try_parse(key.as_ref()).ok()?;
    (id.hyphenated().to_string() == key.as_ref()).then_some(id)
}

/// `id` as the middleware wants it.
pub(crate) fn key(id: Uuid) -> SessionKey {
    SessionKey::try_from(id.hyphenated().to_string()).expect("a UUID is shorter than 4064 bytes")
}

/// What `update` answers to a key that `parse` turned away; the middleware only updates what it has loaded.
#[derive(Debug, thiserror::Error)]
#[error("the session key is not a UUID")]
pub(crate) struct NotAnId;
