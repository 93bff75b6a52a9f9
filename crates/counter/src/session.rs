//! What a session holds, behind a type: no handler knows the names of its entries.

use std::future::{Ready, ready};

use actix_session::{Session, SessionExt, SessionInsertError};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use server::session_for_log;

use crate::value::Value;

const COUNT: &str = "visitCount";
const VALUE: &str = "value";

/// The session of the present visit.
pub(crate) struct CounterSession(Session);

impl CounterSession {
    /// How many visits were counted.
    pub(crate) fn count(&self) -> u64 {
        self.entry(COUNT).unwrap_or(0)
    }

    /// Counts this visit; returns how many there were before.
    pub(crate) fn count_up(&self) -> Result<u64, SessionInsertError> {
        let before = self.count();
        self.0.insert(COUNT, before.saturating_add(1))?;
        Ok(before)
    }

    /// The value, if one is set.
    pub(crate) fn value(&self) -> Option<String> {
        self.entry(VALUE)
    }

    pub(crate) fn set(&self, value: &Value) -> Result<(), SessionInsertError> {
        self.0.insert(VALUE, value.as_str())
    }

    pub(crate) fn unset(&self) {
        // Removing nothing would count as a change, and cost a write.
        if self.0.entries().contains_key(VALUE) {
            self.0.remove(VALUE);
        }
    }

    /// An entry, unless there is none or another program wrote something else under its name.
    fn entry<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.get(name).unwrap_or_else(|error| {
            log::warn!(
                "session entry {name} is not what it should be and counts as unset: {error} sessionID={}",
                session_for_log()
            );
            None
        })
    }
}

impl FromRequest for CounterSession {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.get_session())))
    }
}
