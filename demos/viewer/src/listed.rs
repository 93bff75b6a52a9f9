//! A session in the viewer's list.

use std::{cmp::Reverse, sync::Arc};

use session_stores::Record;
use uuid::Uuid;

use crate::moment::millis;

/// What the list keeps of a session: 40 bytes, and 16 more with the user's name.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: Uuid,
    /// When the session began, in milliseconds since 1970.
    pub(crate) created: i64,
    pub(crate) user: Option<Arc<str>>,
}

impl Listed {
    pub(crate) fn new(session: &Record) -> Self {
        Self {
            id: session.id,
            created: millis(session.created_at),
            user: session.user.as_deref().map(Arc::from),
        }
    }

    /// Returns what sessions are sorted by: the newest comes first.
    pub(crate) fn order(&self) -> impl Ord + use<> {
        (Reverse(self.created), self.id)
    }
}
