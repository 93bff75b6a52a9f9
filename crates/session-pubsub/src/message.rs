//! A message: its limits, its form on the Redis channel, and its form as a server-sent event.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::PublishError;

/// The longest text of a message, in bytes of UTF-8.
pub const MESSAGE_LIMIT: usize = 2048;
/// The longest name of a sender, in bytes. It leaves room for 64 characters of any script.
pub const FROM_LIMIT: usize = 256;

/// The longest message as JSON. A control character counts as one byte in the limits above, and takes six bytes here
/// (`\u0001`).
const JSON_LIMIT: usize = 6 * (MESSAGE_LIMIT + FROM_LIMIT) + 64;

/// One message, on the channel and in the event: `{"from":"alice","message":"Hello"}`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Message {
    from: String,
    message: String,
}

impl Message {
    pub(crate) fn new(from: &str, text: &str) -> Result<Self, PublishError> {
        for (field, value, limit) in [("from", from, FROM_LIMIT), ("message", text, MESSAGE_LIMIT)]
        {
            if value.len() > limit {
                return Err(PublishError::TooLong { field, limit });
            }
        }
        Ok(Self {
            from: from.to_owned(),
            message: text.to_owned(),
        })
    }

    /// Parses what arrived on the channel. Any client of Redis can publish there, so the same limits apply.
    pub(crate) fn parse(json: &[u8]) -> Option<Self> {
        let Self { from, message } =
            (json.len() <= JSON_LIMIT).then(|| serde_json::from_slice(json).ok())??;
        Self::new(&from, &message).ok()
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("two strings always serialize")
    }

    /// Formats one server-sent event. JSON escapes line breaks, so the data stays on one line and no text can start
    /// another event.
    pub(crate) fn event(&self) -> Bytes {
        format!("event: message\ndata: {}\n\n", self.json()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_stays_within_one_event() {
        for text in [
            "two\nlines\r\n\revent: forged\n\ndata: x\u{2028}</script>\0",
            "\u{2029}\u{7f}\"\\",
            "😀 שלום",
            "",
        ] {
            let event = Message::new("al\nice", text).unwrap().event();
            let event = str::from_utf8(&event).unwrap();
            assert_eq!(event.matches(['\n', '\r']).count(), 3, "{event:?}");
            let json = event
                .strip_prefix("event: message\ndata: ")
                .and_then(|rest| rest.strip_suffix("\n\n"))
                .unwrap();
            assert_eq!(serde_json::from_str::<Message>(json).unwrap().message, text);
        }
    }

    #[test]
    fn longer_texts_are_refused_by_their_bytes() {
        for (from, text, expected) in [
            ("alice", "x".repeat(2049), ("message", 2048)),
            ("alice", "é".repeat(1025), ("message", 2048)),
            (&*"x".repeat(257), "Hello".to_owned(), ("from", 256)),
        ] {
            match Message::new(from, &text) {
                Err(PublishError::TooLong { field, limit }) => assert_eq!((field, limit), expected),
                _ => panic!("{from} {text}"),
            }
        }
    }

    #[test]
    fn only_messages_within_the_limits_are_parsed() {
        let longest = Message::new(&"\u{1}".repeat(FROM_LIMIT), &"\u{1}".repeat(MESSAGE_LIMIT));
        let longest = longest.unwrap().json();
        // `Options::backlog` documents this size.
        assert!(longest.len() < 14 * 1024);
        assert!(Message::parse(longest.as_bytes()).is_some());

        let text = "x".repeat(MESSAGE_LIMIT + 1);
        let too_long = format!(r#"{{"from":"a","message":"{text}"}}"#);
        for foreign in [
            &b""[..],
            b"hello",
            b"[]",
            br#"{"from":"a"}"#,
            br#"{"from":"a","message":1}"#,
            b"{\"from\":\"a\",\"message\":\"\xff\"}",
            too_long.as_bytes(),
        ] {
            assert!(Message::parse(foreign).is_none(), "{foreign:?}");
        }
    }
}
