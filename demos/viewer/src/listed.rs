//! A session in the viewer's list.

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use session_stores::Record;
use uuid::Uuid;

use crate::moment::millis;

/// The part of a session that the list keeps, in 40 bytes.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: Uuid,
    /// When the session began, in milliseconds since 1970.
    pub(crate) created: i64,
    pub(crate) user: Option<Arc<str>>,
}

impl Listed {
    /// Lists `session`. Sessions share the name of their user, which is one of `users`.
    pub(crate) fn new(session: &Record, users: &mut HashSet<Arc<str>>) -> Self {
        let user = session.user.as_deref().map(|name| {
            let shared = users.get(name).cloned();
            let user = shared.unwrap_or_else(|| Arc::from(name));
            users.insert(user.clone());
            user
        });
        Self {
            id: session.id,
            created: millis(session.created_at),
            user,
        }
    }

    /// Returns what sessions are sorted by: the newest comes first.
    pub(crate) fn order(&self) -> impl Ord + use<> {
        (Reverse(self.created), self.id)
    }
}
