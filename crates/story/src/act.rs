//! The acts of the story.

use std::fmt;

use clap::ValueEnum;
use serde::{Serialize, Serializer};

/// One of the story's four parts. On the command line and in reports it is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Act {
    #[value(name = "1")]
    I,
    #[value(name = "2")]
    II,
    #[value(name = "3")]
    III,
    #[value(name = "4")]
    IV,
}

impl Act {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::I => "Where sessions live",
            Self::II => "Tempting answers",
            Self::III => "A real login",
            Self::IV => "Things break",
        }
    }

    /// Returns the questions that its scenes answer.
    pub(crate) fn question(self) -> &'static str {
        match self {
            Self::I => "What survives a restart? What does a second server see?",
            Self::II => "Can we get by without Redis?",
            Self::III => "What does a login need from its session?",
            Self::IV => "What does the fix cost, and how does it fail?",
        }
    }
}

/// Writes `Act II`.
impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Act {self:?}")
    }
}

impl Serialize for Act {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8 + 1)
    }
}
