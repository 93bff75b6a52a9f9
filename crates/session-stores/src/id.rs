//! Session IDs: UUIDs (version 4), in lower case and with hyphens.

use std::fmt;

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
///
/// ```
/// use session_stores::parse_id;
/// assert!(parse_id("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e").is_some());
/// assert!(parse_id("../../etc/passwd").is_none());
/// ```
pub fn parse(key: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(key).ok()?;
    let mut buffer = Uuid::encode_buffer();
    (id.hyphenated().encode_lower(&mut buffer) == key).then_some(id)
}

/// Returns a new handle: 16 random hex digits.
pub(crate) fn fresh_handle() -> String {
    hex(&Uuid::new_v4().as_bytes()[8..])
}

/// Returns the handle of a session whose record has none: the first 16 hex digits of its ID's SHA-256. The ID can't be
/// computed from it.
pub(crate) fn handle_of(id: Uuid) -> String {
    hex(&Sha256::digest(id.hyphenated().to_string())[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 8 characters of a session ID: enough to follow a visitor in a log, too few to use the session.
///
/// ```
/// let id = session_stores::parse_id("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e").unwrap();
/// assert_eq!(session_stores::ShortId::from(id).to_string(), "7d444840");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortId([u8; 8]);

impl From<Uuid> for ShortId {
    fn from(id: Uuid) -> Self {
        let mut buffer = Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut buffer).as_bytes();
        Self(std::array::from_fn(|at| text[at]))
    }
}

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.0).unwrap_or("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_the_start_of_the_ids_sha256() {
        let id = Uuid::parse_str("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e").unwrap();
        assert_eq!(handle_of(id), "a7ac78236e817a1d");
        assert_eq!(ShortId::from(id).to_string(), "7d444840");
    }
}
