//! The data of a session, behind types. No handler knows the names of its entries.

use std::{
    future::{Ready, ready},
    ops::Deref,
    time::Duration,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::Serialize;
use serde_json::json;
use session_layer::{NoLayer, Session, SessionError};
use session_stores::{Record, redis::SessionInfo};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{error::ApiError, user::UserId};

/// The user as the tutorial stores it: `{"userId":"alice"}`. The login does not read this entry, because the session
/// itself has a user.
const USER: &str = "userData";
const COUNT: &str = "count";
const INSTANCE: &str = "instance";
const BROWSER: &str = "browser";

/// The session of the current request: a [`Session`] whose entries only this file names.
pub(crate) struct LoginSession(Session);

impl Deref for LoginSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl LoginSession {
    /// Returns the user who is logged in.
    pub(crate) fn user(&self) -> Option<UserId> {
        UserId::new(&self.0.user()?).ok()
    }

    /// Returns the user who is logged in, or an error for the client.
    pub(crate) fn require_user(&self) -> Result<UserId, ApiError> {
        self.user().ok_or_else(ApiError::not_logged_in)
    }

    /// Returns the user who is logged in, and the session as the store needs it to list and revoke the user's sessions.
    pub(crate) fn require_record(&self) -> Result<(UserId, Record), ApiError> {
        let login = self.user().zip(self.record());
        login.ok_or_else(ApiError::not_logged_in)
    }

    /// Makes this the session of `user`, who has reached `instance` with `browser`. It gets a new ID, and the old one
    /// stops working on every instance. If the session belonged to another user, its data is removed.
    pub(crate) fn log_in(
        &self,
        user: &UserId,
        instance: &str,
        browser: Option<String>,
    ) -> Result<(), SessionError> {
        self.0.log_in(user.as_str());
        self.insert(USER, json!({ UserId::FIELD: user.as_str() }))?;
        self.insert(INSTANCE, instance)?;
        match browser {
            Some(browser) => self.insert(BROWSER, browser)?,
            None => self.remove(BROWSER),
        }
        self.set_flash(&format!("Logged in as {}", user.as_str()))
    }

    /// Increments the counter and returns it. No two requests get the same number.
    pub(crate) async fn count_up(&self) -> Result<u64, SessionError> {
        let increment = |count: Option<u64>| count.unwrap_or(0).saturating_add(1);
        self.update(COUNT, increment).await
    }
}

impl FromRequest for LoginSession {
    type Error = NoLayer;
    type Future = Ready<Result<Self, NoLayer>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::from_request(request, payload).into_inner();
        ready(session.map(Self))
    }
}

/// An active session, as its user sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionEntry {
    pub(crate) handle: String,
    /// Whether it is the session of the current request.
    pub(crate) current: bool,
    #[serde(with = "rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(crate) updated_at: OffsetDateTime,
    /// The time of the last request, if it can be computed.
    #[serde(with = "rfc3339::option")]
    pub(crate) last_seen_at: Option<OffsetDateTime>,
    /// The instance where the user logged in.
    pub(crate) instance: Option<String>,
    /// The browser with which the user logged in, as it called itself.
    pub(crate) browser: Option<String>,
    /// The rest of both timeouts, in seconds.
    pub(crate) idle_seconds_left: Option<u64>,
    pub(crate) absolute_seconds_left: Option<u64>,
}

impl SessionEntry {
    /// Describes `session` as of `now`. `idle_timeout` is the one of its store.
    pub(crate) fn new(
        session: SessionInfo,
        current: Option<&str>,
        idle_timeout: Option<Duration>,
        now: OffsetDateTime,
    ) -> Self {
        let text = |name: &str| {
            let json = session.data.get(name)?;
            serde_json::from_str::<String>(json.get()).ok()
        };
        Self {
            last_seen_at: last_request(&session, idle_timeout, now),
            instance: text(INSTANCE),
            browser: text(BROWSER),
            current: current == Some(&session.handle),
            created_at: session.created_at,
            updated_at: session.updated_at,
            idle_seconds_left: session.idle_left.as_ref().map(Duration::as_secs),
            absolute_seconds_left: session.absolute_left.as_ref().map(Duration::as_secs),
            handle: session.handle,
        }
    }
}

/// Returns when the last request used `session`. Each request sets the rest of the idle timeout to all of it.
///
/// The rest of the absolute timeout may be shorter. Then the idle timeout is cut to it, and the time is unknown.
fn last_request(
    session: &SessionInfo,
    idle_timeout: Option<Duration>,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let left = session.idle_left?;
    let is_cut = |absolute: Duration| absolute.saturating_sub(left) < Duration::from_secs(1);
    if session.absolute_left.is_some_and(is_cut) {
        return None;
    }
    Some((now - idle_timeout?.checked_sub(left)?).truncate_to_millisecond())
}
