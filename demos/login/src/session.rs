//! The data of a session, behind a type. No handler knows the names of its entries.

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
    time::Duration,
};

use actix_session::{Session, SessionExt};
use actix_web::{
    Error, FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web::Data,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{json, value::RawValue};
use server::{InstanceInfo, session_for_log};
use session_stores::{Timeout, Timeouts, handle_of, renew, rotate, sign_in, times_of, user_of};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{error::ApiError, rules::Rules, user::UserId};

/// The user as the tutorial stores it: `{"userId":"alice"}`. The login does not read this entry,
/// because the store itself records whose session it is.
const USER: &str = "userData";
const COUNT: &str = "count";
const FLASH: &str = "flash";
const INSTANCE: &str = "instance";
const STREAM: &str = "stream";

/// The session of the current request.
pub(crate) struct LoginSession {
    session: Session,
    instance: Data<InstanceInfo>,
}

impl LoginSession {
    /// Returns the user who is logged in.
    pub(crate) fn user(&self) -> Option<UserId> {
        UserId::new(user_of(&self.session)?).ok()
    }

    /// Returns the user who is logged in, or an error for the client.
    pub(crate) fn require_user(&self) -> Result<UserId, ApiError> {
        self.user().ok_or_else(ApiError::not_logged_in)
    }

    /// Makes this the session of `user`, under a new ID. The old ID is invalid on every instance.
    /// If the session belonged to another user, its data is removed.
    pub(crate) fn log_in(&self, user: &UserId) -> Result<(), Error> {
        sign_in(&self.session, user.as_str());
        self.set(STREAM, Uuid::new_v4())?;
        self.set(USER, json!({ UserId::FIELD: user.as_str() }))?;
        self.set(FLASH, format!("Logged in as {}", user.as_str()))
    }

    /// Ends the session on every instance. Returns false if it had ended before. The session
    /// middleware then has no cookie to remove.
    pub(crate) fn log_out(&self) -> bool {
        let existed = !self.session.entries().is_empty();
        self.session.purge();
        existed
    }

    /// Returns the name of this session in the list of its user's sessions.
    pub(crate) fn handle(&self) -> Option<String> {
        handle_of(&self.session)
    }

    /// Returns the key of this session's message streams. It stays the same from the login on,
    /// while the session ID changes.
    pub(crate) fn stream_key(&self) -> Option<String> {
        self.entry(STREAM)
    }

    /// Returns how long the session lasts if it is not used any more, or `None` without a limit.
    pub(crate) fn time_left(&self, timeouts: &Timeouts) -> Option<Duration> {
        let now = OffsetDateTime::now_utc();
        let created = times_of(&self.session).map_or(now, |times| times.created_at);
        timeouts.ttl(created, now)
    }

    /// Gives the session a new ID. The old ID is invalid on every instance.
    pub(crate) fn renew(&self) {
        renew(&self.session);
    }

    /// Gives the session a new ID. The old ID redirects to it for a short grace.
    pub(crate) fn rotate(&self) {
        rotate(&self.session);
    }

    /// Rotates an ID that is older than `limit`. A copied cookie then stops working after a while.
    fn rotate_after(&self, limit: Timeout) {
        let now = OffsetDateTime::now_utc();
        let age = times_of(&self.session)
            .map(|times| Duration::try_from(now - times.rotated_at).unwrap_or_default());
        if limit.0.zip(age).is_some_and(|(limit, age)| age >= limit) {
            self.rotate();
        }
    }

    /// Increments the counter and returns it.
    pub(crate) fn count_up(&self) -> Result<u64, Error> {
        let count = self.entry::<u64>(COUNT).unwrap_or(0).saturating_add(1);
        self.set(COUNT, count)?;
        Ok(count)
    }

    /// Removes the flash message, which is shown once, and returns it. The caller must show it.
    pub(crate) fn take_flash(&self) -> Result<Option<String>, Error> {
        let flash = self.entry(FLASH);
        // Removing a missing entry would count as a change, and cost a write.
        if flash.is_some() {
            self.session.remove(FLASH);
            self.insert(INSTANCE, self.instance.name())?;
        }
        Ok(flash)
    }

    /// Sets an entry, and records which instance changed the session.
    fn set(&self, name: &str, value: impl Serialize) -> Result<(), Error> {
        self.insert(name, value)?;
        self.insert(INSTANCE, self.instance.name())
    }

    fn insert(&self, name: &str, value: impl Serialize) -> Result<(), Error> {
        // Every value that this type inserts can be JSON, so an error would be a bug.
        self.session.insert(name, value).map_err(|error| {
            log::error!("{error} sessionID={}", session_for_log());
            ErrorInternalServerError("")
        })
    }

    /// Returns an entry, or `None` if it is missing or another program stored a different type.
    fn entry<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.session.get(name).unwrap_or_else(|_| {
            log::warn!(
                "ignored session entry {name}, which has an unexpected type sessionID={}",
                session_for_log()
            );
            None
        })
    }
}

/// Returns the instance that last changed a session with `data`.
pub(crate) fn instance_of(data: &BTreeMap<String, Box<RawValue>>) -> Option<String> {
    serde_json::from_str(data.get(INSTANCE)?.get()).ok()
}

/// Returns the key of the message streams of a session with `data`.
pub(crate) fn stream_key_of(data: &BTreeMap<String, Box<RawValue>>) -> Option<String> {
    serde_json::from_str(data.get(STREAM)?.get()).ok()
}

impl FromRequest for LoginSession {
    type Error = Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let instance = request
            .app_data::<Data<InstanceInfo>>()
            .expect("the server adds it")
            .clone();
        let rules = request
            .app_data::<Data<Rules>>()
            .expect("the application adds it");
        let session = Self {
            session: request.get_session(),
            instance,
        };
        session.rotate_after(rules.rotate_after);
        ready(Ok(session))
    }
}
