//! What a session holds, behind a type: no handler knows the names of its entries.

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
    time::Duration,
};

use actix_session::{Session, SessionExt, SessionInsertError};
use actix_web::{
    Error, FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web::Data,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use server::{InstanceInfo, session_for_log};

use session_stores::{Timeout, Timeouts, handle_of, renew, rotate, sign_in, times_of, user_of};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{application::Rules, fault::Fault, user::UserId};

const USER: &str = "userData";
const COUNT: &str = "count";
const FLASH: &str = "flash";
const INSTANCE: &str = "instance";
const STREAM: &str = "stream";

/// Who is signed in, as the tutorial has it in the session's data: `{"userId":"alice"}`. What counts is whose session the
/// store says that it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserData<'a> {
    user_id: &'a str,
}

/// The session of the present request.
pub(crate) struct Visit {
    session: Session,
    site: Data<InstanceInfo>,
}

impl Visit {
    /// Who is signed in.
    pub(crate) fn user(&self) -> Option<UserId> {
        UserId::new(user_of(&self.session)?).ok()
    }

    /// From now on this is the session of `user`, under a new id; the old one is dead on every instance. What somebody
    /// else left in it goes.
    pub(crate) fn sign_in(&self, user: &UserId) -> Result<(), Error> {
        sign_in(&self.session, user.as_str());
        self.set(STREAM, Uuid::new_v4())?;
        self.set(
            USER,
            UserData {
                user_id: user.as_str(),
            },
        )?;
        self.set(FLASH, format!("Signed in as {}", user.as_str()))
    }

    /// Who is signed in; an error for whoever isn't.
    pub(crate) fn signed_in(&self) -> Result<UserId, Fault> {
        self.user().ok_or_else(Fault::not_signed_in)
    }

    /// The name of this session among its user's.
    pub(crate) fn handle(&self) -> Option<String> {
        handle_of(&self.session)
    }

    /// What the streams of messages of this session go by: the same from the sign-in on, whatever its id is.
    pub(crate) fn stream_key(&self) -> Option<String> {
        self.entry(STREAM)
    }

    /// What is left of the session if it isn't used from now on; `None` if that has no limit.
    pub(crate) fn time_left(&self, timeouts: &Timeouts) -> Option<Duration> {
        let age = times_of(&self.session)
            .map(|times| since(times.created_at))
            .unwrap_or_default();
        let absolute = timeouts.absolute.0.map(|limit| limit.saturating_sub(age));
        timeouts.idle.0.into_iter().chain(absolute).min()
    }

    /// Has the session get a new id; the old one is dead on every instance.
    pub(crate) fn renew(&self) {
        renew(&self.session);
    }

    /// Has the session get a new id; the old one leads to it for a short grace.
    pub(crate) fn rotate(&self) {
        rotate(&self.session);
    }

    /// Rotates an id that is older than `limit`: whoever has copied it meanwhile is locked out in a while.
    fn rotate_after(&self, limit: Timeout) {
        let age = times_of(&self.session).map(|times| since(times.rotated_at));
        if limit.0.zip(age).is_some_and(|(limit, age)| age >= limit) {
            self.rotate();
        }
    }

    /// Ends the session on every instance. False if it was dead already: then the middleware has no cookie to remove.
    pub(crate) fn end(&self) -> bool {
        let lives = !self.session.entries().is_empty();
        self.session.purge();
        lives
    }

    /// Counts; returns the count with this one.
    pub(crate) fn count_up(&self) -> Result<u64, Error> {
        let count = self.entry::<u64>(COUNT).unwrap_or(0).saturating_add(1);
        self.set(COUNT, count)?;
        Ok(count)
    }

    /// The message that is to be shown once. Whoever takes it must show it.
    pub(crate) fn take_flash(&self) -> Result<Option<String>, Error> {
        let flash = self.entry(FLASH);
        // Removing nothing would count as a change, and cost a write.
        if flash.is_some() {
            self.session.remove(FLASH);
            self.changed()?;
        }
        Ok(flash)
    }

    fn set(&self, name: &str, value: impl Serialize) -> Result<(), Error> {
        self.session
            .insert(name, value)
            .map_err(|error| lost(&error))?;
        self.changed()
    }

    /// Notes which instance changes the session.
    fn changed(&self) -> Result<(), Error> {
        self.session
            .insert(INSTANCE, self.site.name())
            .map_err(|error| lost(&error))
    }

    /// An entry, unless there is none or another program wrote something else under its name.
    fn entry<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.session.get(name).unwrap_or_else(|_| {
            log::warn!(
                "session entry {name} is not what it should be and counts as unset sessionID={}",
                session_for_log()
            );
            None
        })
    }
}

/// By which instance a session with `data` was last changed.
pub(crate) fn instance_of(data: &BTreeMap<String, Box<RawValue>>) -> Option<String> {
    serde_json::from_str(data.get(INSTANCE)?.get()).ok()
}

/// What the streams of messages of a session with `data` go by.
pub(crate) fn stream_key_of(data: &BTreeMap<String, Box<RawValue>>) -> Option<String> {
    serde_json::from_str(data.get(STREAM)?.get()).ok()
}

fn since(time: OffsetDateTime) -> Duration {
    Duration::try_from(OffsetDateTime::now_utc() - time).unwrap_or_default()
}

/// Nothing that goes into a session fails to become JSON; if it did, that would be our fault.
fn lost(error: &SessionInsertError) -> Error {
    log::error!("{error} sessionID={}", session_for_log());
    ErrorInternalServerError("")
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request
            .app_data::<Data<InstanceInfo>>()
            .expect("the server always puts it there")
            .clone();
        let rules = request
            .app_data::<Data<Rules>>()
            .expect("the application always puts it there");
        let visit = Self {
            session: request.get_session(),
            site,
        };
        visit.rotate_after(rules.rotate_after);
        ready(Ok(visit))
    }
}
