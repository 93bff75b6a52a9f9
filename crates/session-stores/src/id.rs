//! Session ids: UUIDs, version 4, in one canonical spelling.

use actix_session::storage::SessionKey;
use sha2::{Digest, Sha256};
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

/// A name for `id` that can be shown: it tells one session from another and doesn't lead back to the id.
pub(crate) fn handle(id: Uuid) -> String {
    let digest = Sha256::digest(id.hyphenated().to_string());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What `update` answers to a key that `parse` turned away; the middleware only updates what it has loaded.
#[derive(Debug, thiserror::Error)]
#[error("the session key is not a UUID")]
pub(crate) struct NotAnId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_what_sha256sum_says_of_the_id() {
        let id = Uuid::parse_str("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e").unwrap();
        assert_eq!(handle(id), "a7ac78236e817a1d");
    }
}
