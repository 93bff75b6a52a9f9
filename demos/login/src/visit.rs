//! What a session holds, behind a type: no handler knows the names of its entries.

use std::future::{Ready, ready};

use actix_session::{Session, SessionExt, SessionInsertError};
use actix_web::{Error, FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web::Data};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use session_server::{Site, session_in_log};

use crate::user::UserId;

const USER: &str = "userData";
const COUNT: &str = "count";
const FLASH: &str = "flash";
const INSTANCE: &str = "instance";

/// Who is signed in, as it lies in the session: `{"userId":"alice"}`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserData {
    user_id: String,
}

/// The session of the present request.
pub(crate) struct Visit {
    session: Session,
    site: Data<Site>,
}

impl Visit {
    /// Who is signed in.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.entry::<UserData>(USER).and_then(|data| UserId::new(data.user_id).ok())
    }

    /// From now on this is the session of `user`, under a new id; the old one is dead on every instance.
    pub(crate) fn sign_in(&self, user: &UserId) -> Result<(), Error> {
        // What somebody else left in this browser's session is not for `user`.
        if self.user().is_some_and(|before| before != *user) {
            self.session.clear();
        }
        self.session.renew();
        self.set(USER, UserData { user_id: user.as_str().to_owned() })?;
        self.set(FLASH, format!("Signed in as {}", user.as_str()))
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
        self.session.insert(name, value).map_err(|error| lost(&error))?;
        self.changed()
    }

    /// Notes which instance changes the session.
    fn changed(&self) -> Result<(), Error> {
        self.session.insert(INSTANCE, self.site.instance()).map_err(|error| lost(&error))
    }

    /// An entry, unless there is none or another program wrote something else under its name.
    fn entry<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.session.get(name).unwrap_or_else(|_| {
            log::warn!("session entry {name} is not what it should be and counts as unset sessionID={}", session_in_log());
            None
        })
    }
}

/// Nothing that goes into a session fails to become JSON; if it did, that would be our fault.
fn lost(error: &SessionInsertError) -> Error {
    log::error!("{error} sessionID={}", session_in_log());
    ErrorInternalServerError("")
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request.app_data::<Data<Site>>().expect("the server always puts it there").clone();
        ready(Ok(Self { session: request.get_session(), site }))
    }
}
