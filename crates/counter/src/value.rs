//! What a visitor may put into the session.

use percent_encoding::percent_decode_str;

/// 1 byte to 1 KiB of UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Value(String);

const LONGEST: usize = 1024;

/// Why a value is refused. The text goes to the client.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ValueError {
    #[error("the value is empty; it takes 1 to {LONGEST} bytes, as in /session/set/hello")]
    Empty,
    #[error("the value has {0} bytes; it takes 1 to {LONGEST}")]
    Long(usize),
    #[error("the value is not UTF-8 once its %XX are decoded")]
    NotUtf8,
}

impl Value {
    fn new(text: String) -> Result<Self, ValueError> {
        match text.len() {
            0 => Err(ValueError::Empty),
            1..=LONGEST => Ok(Self(text)),
            more => Err(ValueError::Long(more)),
        }
    }

    /// Takes the raw end of a URL's path.
    pub(crate) fn from_path(raw: &str) -> Result<Self, ValueError> {
        let text = percent_decode_str(raw)
            .decode_utf8()
            .map_err(|_| ValueError::NotUtf8)?;
        Self::new(text.into_owned())
    }

    /// Takes a field of a form, which has been decoded already, with U+FFFD in the place of what was not UTF-8.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded_once() {
        assert_eq!(
            Value::from_path("a%20b%2Fc%2520").map(|v| v.0),
            Ok("a b/c%20".to_owned())
        );
    }

    #[test]
    fn a_value_has_from_1_to_1024_bytes_of_utf8() {
        assert_eq!(Value::from_path(""), Err(ValueError::Empty));
        assert!(Value::from_path(&"%41".repeat(1024)).is_ok());
        assert_eq!(
            Value::from_path(&"x".repeat(1025)),
            Err(ValueError::Long(1025))
        );
        assert_eq!(Value::from_path("%FF"), Err(ValueError::NotUtf8));
    }
}
