//! One key in Redis and its value.

use std::{
    hash::{BuildHasher, RandomState},
    sync::LazyLock,
    time::Duration,
};

use session_stores::Record;

/// A key with the session prefix, and its value.
pub(crate) struct Entry {
    /// The key without the prefix. For a session, this is the session ID.
    pub(crate) name: Vec<u8>,
    /// Identifies the row in the page, where the whole name must not appear.
    pub(crate) row_id: String,
    /// A hash of the value.
    pub(crate) version: String,
    /// The key's time to live, which for a session is the rest of the idle timeout. `None` means no limit.
    pub(crate) idle_remaining: Option<Duration>,
    /// The session, or why the value is not a session.
    pub(crate) session: Result<Record, String>,
}

impl Entry {
    /// Creates an entry from the first bytes of a value, whose whole length is `length` bytes.
    pub(crate) fn new(
        name: &[u8],
        value: &[u8],
        length: usize,
        idle_remaining: Option<Duration>,
    ) -> Self {
        let session = if value.len() < length {
            Err(format!("its {length} bytes are more than the viewer reads"))
        } else {
            parse(name, value)
        };
        Self {
            name: name.to_vec(),
            row_id: hash(name),
            version: hash(value),
            idle_remaining,
            session,
        }
    }
}

/// Returns the session in `value`, or why it is not the session `name`.
fn parse(name: &[u8], value: &[u8]) -> Result<Record, String> {
    match serde_json::from_slice::<Record>(value) {
        Ok(record) if record.id.to_string().as_bytes() == name => Ok(record),
        Ok(_) => Err("the record of another session".to_owned()),
        // Without the text of the error, which could quote a whole session ID.
        Err(error) => Err(format!(
            "its {} bytes cannot be parsed (line {}, column {})",
            value.len(),
            error.line(),
            error.column()
        )),
    }
}

/// Returns a hash that is the same until the viewer restarts, and does not reveal `bytes`.
fn hash(bytes: &[u8]) -> String {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    format!("{:016x}", KEY.hash_one(bytes))
}

/// Returns the first 8 characters of a session ID, as in the servers' logs.
pub(crate) fn short(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(8).collect()
}
