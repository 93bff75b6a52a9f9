//! A typed session. Handlers use it instead of the names of its entries.

use std::future::{Ready, ready};

use actix_session::{Session, SessionExt, SessionInsertError};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use server::session_for_log;

use crate::value::Value;

const COUNT: &str = "visitCount";
const VALUE: &str = "value";

/// The session of the current request. Handlers take it as an argument.
pub(crate) struct CounterSession(Session);

impl CounterSession {
    /// Returns how many visits have been counted.
    pub(crate) fn count(&self) -> u64 {
        self.entry(COUNT).unwrap_or(0)
    }

    pub(crate) fn set_count(&self, count: u64) -> Result<(), SessionInsertError> {
        self.0.insert(COUNT, count)
    }

    pub(crate) fn value(&self) -> Option<String> {
        self.entry(VALUE)
    }

    pub(crate) fn set_value(&self, value: &Value) -> Result<(), SessionInsertError> {
        self.0.insert(VALUE, value.as_str())
    }

    pub(crate) fn unset_value(&self) {
        // Removing a missing entry counts as a change too, and each change costs a write.
        if self.0.entries().contains_key(VALUE) {
            self.0.remove(VALUE);
        }
    }

    /// Deletes the session, and removes the visitor's cookie.
    pub(crate) fn purge(&self) {
        self.0.purge();
    }

    /// Returns the entry called `name`. Logs a warning and returns `None` if another program has stored another type.
    fn entry<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.0.get(name).unwrap_or_else(|error| {
            log::warn!(
                "session entry {name} has an unexpected type and counts as unset: {error} sessionID={}",
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
