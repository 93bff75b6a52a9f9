//! A place in the list, which a link can name without a whole session ID.

use std::cmp::Reverse;

use uuid::Uuid;

use crate::listed::Listed;

/// Where a page begins: at the session with this time and this first part of its ID, or after it.
///
/// Unlike the number of a page, it stays the same when sessions begin or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    created: Reverse<i64>,
    head: u32,
}

impl Place {
    pub(crate) fn of(session: &Listed) -> Self {
        Self {
            created: Reverse(session.created),
            head: head(session.id),
        }
    }

    /// Returns the place that a link names.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (created, head) = text.rsplit_once('-')?;
        Some(Self {
            created: Reverse(created.parse().ok()?),
            head: u32::from_str_radix(head, 16).ok()?,
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:08x}", self.created.0, self.head)
    }
}

/// Returns the first 8 hex digits of `id`, which the page shows.
pub(crate) fn head(id: Uuid) -> u32 {
    id.as_fields().0
}
