//! Session IDs: UUIDs (version 4), in lower case and with hyphens.

use actix_session::storage::SessionKey;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Returns a new ID of 122 random bits.
pub(crate) fn fresh() -> Uuid {
    Uuid::new_v4()
}

/// Returns the ID in `key` if it is a UUID in lower case and with hyphens.
///
/// The cookie's signature already rejects forged IDs. This rejects values that another application has signed with the
/// same secret, so an ID is safe to use as the name of a file or Redis key.
pub(crate) fn parse(key: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(key).ok()?;
    (id.hyphenated().to_string() == key).then_some(id)
}

/// Converts `id` into the type that the middleware uses.
pub(crate) fn key(id: Uuid) -> SessionKey {
    SessionKey::try_from(id.hyphenated().to_string()).expect("a UUID is shorter than 4064 bytes")
}

/// Returns a name for `id` that can be shown, because the ID can't be computed from it.
pub(crate) fn handle(id: Uuid) -> String {
    let digest = Sha256::digest(id.hyphenated().to_string());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The error of `update` for a key that `parse` rejects. The middleware only updates sessions that it has loaded.
#[derive(Debug, thiserror::Error)]
#[error("the session key is not a UUID")]
pub(crate) struct NotAnId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_the_start_of_the_ids_sha256() {
        let id = Uuid::parse_str("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e").unwrap();
        assert_eq!(handle(id), "a7ac78236e817a1d");
    }
}
