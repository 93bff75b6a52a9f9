//! What lies under a key: a session, or something that is none. (What a renewal leaves is no text, and not looked at.)

use std::time::Duration;

use session_stores::Record;
use time::OffsetDateTime;

use crate::seal::handle;

/// A key under the prefix, and what lies under it.
pub(crate) struct Entry {
    /// The key without the prefix: of a session, the whole id.
    pub(crate) name: String,
    /// In the place of the name wherever others can see it.
    pub(crate) handle: String,
    /// Changes with the value.
    pub(crate) version: String,
    /// How long Redis keeps the key; of a session, what is left of the idle timeout. `None`: for ever.
    pub(crate) left: Option<Duration>,
    pub(crate) what: What,
}

pub(crate) enum What {
    Session(Box<Session>),
    /// What no store reads as a session, and why not.
    Other(String),
}

pub(crate) struct Session {
    pub(crate) user: Option<String>,
    /// The application's entries as JSON, each in its own line as it lies there.
    pub(crate) data: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) updated: OffsetDateTime,
    pub(crate) rotated: OffsetDateTime,
}

impl Entry {
    /// `value` is the beginning of what lies there, of `length` bytes in all.
    pub(crate) fn new(name: &[u8], value: &[u8], length: usize, left: Option<Duration>) -> Self {
        let text = String::from_utf8_lossy(name).into_owned();
        let what = if value.len() < length {
            What::Other(format!("{length} bytes: more than the viewer reads"))
        } else {
            What::of(&text, value)
        };
        Self {
            handle: handle(name),
            version: handle(value),
            name: text,
            left,
            what,
        }
    }

    /// What may be seen of the name: the first 8 characters, as in the logs of the servers.
    pub(crate) fn short(&self) -> String {
        short(&self.name)
    }

    /// What is left of `lifetime`, the absolute timeout, at `now`; `None` if this is no session.
    pub(crate) fn left_of(&self, lifetime: Duration, now: OffsetDateTime) -> Option<Duration> {
        let What::Session(session) = &self.what else {
            return None;
        };
        let age = Duration::try_from(now - session.created).unwrap_or_default();
        Some(lifetime.saturating_sub(age))
    }
}

impl What {
    fn of(name: &str, value: &[u8]) -> Self {
        match serde_json::from_slice::<Record>(value) {
            Ok(record) if record.id.to_string() != name => {
                Self::Other("the record of another session".to_owned())
            }
            Ok(record) => Self::Session(Box::new(Session {
                data: serde_json::to_string_pretty(&record.data).expect("texts and JSON are JSON"),
                user: record.user,
                created: record.created_at,
                updated: record.updated_at,
                rotated: record.rotated_at,
            })),
            // Not its text, which could be anybody's and hold a whole id.
            Err(error) => Self::Other(format!(
                "{} bytes, and no session record (line {}, column {})",
                value.len(),
                error.line(),
                error.column()
            )),
        }
    }
}

/// The first 8 characters of an id.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";
    const REST: &str = r#""CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00Z","RotatedAt":"2026-01-01T10:00:00Z""#;

    fn entry(name: &str, value: &str) -> Entry {
        Entry::new(name.as_bytes(), value.as_bytes(), value.len(), None)
    }

    fn session(more: &str) -> Session {
        match entry(
            ID,
            &format!(r#"{{"ID":"{ID}","Data":{{"b":1e400,"a":{{"x":[ 1]}}}},{REST}{more}}}"#),
        )
        .what
        {
            What::Session(session) => *session,
            What::Other(_) => panic!("no session"),
        }
    }

    #[test]
    fn a_record_is_a_session_with_or_without_a_user_and_with_fields_of_tomorrow() {
        assert_eq!(session("").user, None);
        assert_eq!(
            session(r#","User":"alice","Colour":"blue""#)
                .user
                .as_deref(),
            Some("alice")
        );
        assert_eq!(
            session("").data,
            "{\n  \"a\": {\"x\":[ 1]},\n  \"b\": 1e400\n}",
            "as it lies there"
        );
    }

    #[test]
    fn what_is_no_record_of_this_session_says_why_and_repeats_nothing() {
        let record = format!(r#"{{"ID":"{ID}","Data":{{}},{REST}}}"#);
        for (name, value, why) in [
            (
                ID,
                "{\"ID\":\"secret",
                "13 bytes, and no session record (line 1, column 13)",
            ),
            ("another", record.as_str(), "the record of another session"),
            (ID, "", "0 bytes, and no session record (line 1, column 0)"),
        ] {
            let What::Other(said) = entry(name, value).what else {
                panic!("{value}")
            };
            assert_eq!(said, why);
        }
        let What::Other(said) = Entry::new(b"name", b"{", 100_000, None).what else {
            panic!("of a part")
        };
        assert_eq!(said, "100000 bytes: more than the viewer reads");
    }

    #[test]
    fn the_absolute_timeout_counts_from_the_beginning() {
        let record = format!(r#"{{"ID":"{ID}","Data":{{}},{REST}}}"#);
        let entry = entry(ID, &record);
        let at =
            |seconds: i64| OffsetDateTime::from_unix_timestamp(1_767_261_600 + seconds).unwrap();
        let hour = Duration::from_secs(3600);
        assert_eq!(
            entry.left_of(hour, at(600)),
            Some(Duration::from_secs(3000))
        );
        assert_eq!(entry.left_of(hour, at(9999)), Some(Duration::ZERO));
        assert_eq!(
            entry.left_of(hour, at(-9999)),
            Some(hour),
            "another machine's clock may be ahead"
        );
    }
}
