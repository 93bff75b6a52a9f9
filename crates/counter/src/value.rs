//! A value that a visitor may set.

use percent_encoding::percent_decode_str;

const MAX_BYTES: usize = 1024;

/// Holds 1 to 1024 bytes of UTF-8.
pub(crate) struct Value(String);

/// Why a value is rejected. The client sees the message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ValueError {
    #[error("the value is empty; it takes 1 to {MAX_BYTES} bytes, as in /session/set/hello")]
    Empty,
    #[error("the value has {0} bytes; it takes 1 to {MAX_BYTES}")]
    TooLong(usize),
    #[error("the value is not UTF-8 once its %XX are decoded")]
    NotUtf8,
}

impl Value {
    fn new(text: String) -> Result<Self, ValueError> {
        match text.len() {
            0 => Err(ValueError::Empty),
            1..=MAX_BYTES => Ok(Self(text)),
            bytes => Err(ValueError::TooLong(bytes)),
        }
    }

    /// Decodes the last part of a URL's path.
    pub(crate) fn from_path(raw: &str) -> Result<Self, ValueError> {
        let text = percent_decode_str(raw)
            .decode_utf8()
            .map_err(|_| ValueError::NotUtf8)?;
        Self::new(text.into_owned())
    }

    /// Takes a decoded form field. The decoder has replaced each byte that is not UTF-8 with U+FFFD.
    pub(crate) fn from_form(text: String) -> Result<Self, ValueError> {
        if text.contains(char::REPLACEMENT_CHARACTER) {
            Err(ValueError::NotUtf8)
        } else {
            Self::new(text)
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
