//! The data of a response: the visitor's session, and the instance that answers.

use serde::Serialize;
use server::{InstanceInfo, ShortId, short_id};

use crate::session::CounterSession;

/// As JSON: `{"visitCount":0,"value":null,"instance":"127.0.0.1:5000","store":"memory"}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    pub(crate) visit_count: u64,
    pub(crate) value: Option<String>,
    pub(crate) instance: String,
    pub(crate) store: &'static str,
    /// `None` for a new session, which gets its ID after the handler has returned.
    #[serde(skip)]
    pub(crate) id: Option<ShortId>,
}

impl View {
    pub(crate) fn new(instance: &InstanceInfo, session: &CounterSession) -> Self {
        Self {
            visit_count: session.count(),
            value: session.value(),
            instance: instance.name().to_owned(),
            store: instance.store(),
            id: short_id(),
        }
    }
}
