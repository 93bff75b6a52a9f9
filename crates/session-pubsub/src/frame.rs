//! What goes over the channel, and what a reader gets of it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::PublishError;

/// The longest text of a message, in bytes of UTF-8.
pub const MESSAGE_LIMIT: usize = 2048;
/// The longest name of a sender, in bytes: 64 characters of any script.
pub const FROM_LIMIT: usize = 256;

/// The longest message as JSON: a control character takes one byte in the limits above, and six there (`\u0001`).
const JSON_LIMIT: usize = 6 * (MESSAGE_LIMIT + FROM_LIMIT) + 64;

/// Goes to a reader who has heard nothing for a while. A line that begins with a colon is a comment.
pub(crate) const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

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

    /// What somebody published: anyone who reaches Redis can, so it is held to the same limits.
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        let Self { from, message } =
            (json.len() <= JSON_LIMIT).then(|| serde_json::from_slice(json).ok())??;
        Self::new(&from, &message).ok()
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("two texts are JSON")
    }

    /// One server-sent event. JSON writes line ends as `\n` and `\r`, so whatever was written stays on the data's one line
    /// and can't begin another event.
    pub(crate) fn event(&self) -> Bytes {
        format!("event: message\ndata: {}\n\n", self.json()).into()
    }
}

/// What a stream begins with: after how many milliseconds a reader whose stream ended opens it anew. The `number` of the
/// stream spreads them over a second, so that those who lost theirs together don't return together.
pub(crate) fn greeting(number: u64) -> Bytes {
    format!("retry: {}\n\n", 1000 + number.wrapping_mul(617) % 1000).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_event_whatever_somebody_wrote() {
        let text = "two\nlines\r\n\revent: forged\n\ndata: x\u{2028}</script>\0";
        let event = Message::new("al\nice", text).unwrap().event();
        let event = str::from_utf8(&event).unwrap();
        assert_eq!(event.matches(['\n', '\r']).count(), 3, "{event:?}");
        let json = event
            .strip_prefix("event: message\ndata: ")
            .and_then(|rest| rest.strip_suffix("\n\n"))
            .unwrap();
        assert_eq!(serde_json::from_str::<Message>(json).unwrap().message, text);
    }

    #[test]
    fn the_longest_message_can_be_read_again() {
        let longest = Message::new(&"\u{1}".repeat(FROM_LIMIT), &"\u{1}".repeat(MESSAGE_LIMIT))
            .unwrap()
            .json();
        assert!(Message::read(longest.as_bytes()).is_some());
        assert!(
            longest.len() < 14 * 1024,
            "the documented size of a backlog counts on it"
        );
    }

    #[test]
    fn what_is_no_message_is_none() {
        let long = Message {
            from: "a".to_owned(),
            message: "x".repeat(MESSAGE_LIMIT + 1),
        }
        .json();
        for foreign in [
            "",
            "hello",
            "[]",
            r#"{"from":"a"}"#,
            r#"{"from":"a","message":1}"#,
            &long,
        ] {
            assert!(Message::read(foreign.as_bytes()).is_none(), "{foreign}");
        }
        assert!(Message::read(b"{\"from\":\"a\",\"message\":\"\xff\"}").is_none());
    }

    #[test]
    fn streams_that_ended_together_return_spread_over_a_second() {
        let times: std::collections::HashSet<_> = (0..1000).map(greeting).collect();
        assert_eq!(times.len(), 1000);
    }
}
