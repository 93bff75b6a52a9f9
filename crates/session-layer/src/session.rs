//! The methods of a session for handlers.

use std::{
    future::{Ready, ready},
    rc::Rc,
    time::Duration,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::to_raw_value;
use session_stores::{Access, Identity, MemoryStore, OldId, Record, ShortId, Store, Timeouts};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{SessionError, state::Session};

impl Session {
    /// Creates an empty session without a server, for tests of code that takes one.
    ///
    /// [`update`](Self::update) works, too: a store in memory keeps what it writes. `examples/shop.rs` tests a handler,
    /// and its whole application, in this way.
    ///
    /// ```
    /// # use session_layer::Session;
    /// let session = Session::for_test();
    /// session.insert("theme", "dark")?;
    /// assert_eq!(session.get("theme")?, Some("dark".to_owned()));
    /// # Ok::<(), session_layer::SessionError>(())
    /// ```
    pub fn for_test() -> Self {
        let timeouts = Timeouts::default();
        let store = Rc::new(MemoryStore::new(timeouts));
        let limit = store.time_limit();
        let access = Access::new(store, limit);
        Self::new(Rc::new(access), timeouts, None)
    }

    /// Returns the session ID, or `None` for a new session, which gets its ID when it is written.
    ///
    /// Never show it: anyone who has the ID and the key that signs cookies can use the session. Show
    /// [`handle`](Self::handle) to the user, and write [`log_id`](Self::log_id) to the log.
    pub fn id(&self) -> Option<Uuid> {
        self.with_record(|record| record.id)
    }

    /// Returns the session ID for a log line: its first 8 characters, or `-` for a new session.
    pub fn log_id(&self) -> String {
        let short = |id| ShortId::from(id).to_string();
        self.id().map_or_else(|| "-".to_owned(), short)
    }

    /// Returns a name for the session that can be shown: 16 hex digits. It stays the same when the ID is rotated.
    pub fn handle(&self) -> Option<String> {
        self.with_record(Record::handle)
    }

    /// Returns the user who is logged in.
    pub fn user(&self) -> Option<String> {
        let state = self.0.borrow();
        match &state.requested.identity {
            Identity::LogIn(user) => Some(user.clone()),
            _ if state.requested.log_out => None,
            _ => state.loaded.as_ref()?.record.user.clone(),
        }
    }

    /// Returns whether the visitor has the cookie of a session that the store does not have any more. The session has
    /// expired, or it was ended, perhaps in another browser.
    pub fn has_ended(&self) -> bool {
        let state = self.0.borrow();
        state.has_cookie && state.loaded.is_none()
    }

    /// Returns when the session began: its first write, or the login.
    pub fn created_at(&self) -> Option<OffsetDateTime> {
        self.with_record(|record| record.created_at)
    }

    /// Returns how long the session lasts if it is not used any more, or `None` without a limit.
    pub fn time_left(&self) -> Option<Duration> {
        let timeouts = self.0.borrow().timeouts;
        self.with_record(|record| timeouts.ttl(record, OffsetDateTime::now_utc()))?
    }

    /// Returns the session as it was loaded, or as this request has written it. Stores need it to list and revoke the
    /// user's other sessions; [`wait`](Self::wait) has an example. A visitor who is not logged in may have a record,
    /// too.
    pub fn record(&self) -> Option<Record> {
        self.with_record(Record::clone)
    }

    pub(crate) fn with_record<T>(&self, read: impl FnOnce(&Record) -> T) -> Option<T> {
        let state = self.0.borrow();
        let loaded = state.loaded.as_ref();
        loaded
            .filter(|loaded| loaded.version.is_some())
            .map(|loaded| read(&loaded.record))
    }

    /// Returns the entry called `name`, or `None` if there is none.
    ///
    /// If a new version of your application gives an entry another type, visitors still bring the old value. Use another
    /// name, or a type that serde can read from both.
    ///
    /// # Errors
    /// Returns an error if the entry has another type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, SessionError> {
        let state = self.0.borrow();
        let data = state.loaded.as_ref().map(|loaded| &loaded.record.data);
        let json = state.requested.changes.get(name, data);
        json.map(|json| serde_json::from_str(json.get()))
            .transpose()
            .map_err(SessionError::in_entry(name))
    }

    /// Sets an entry.
    ///
    /// # Errors
    /// Returns an error if `value` can't be written as JSON.
    pub fn insert(
        &self,
        name: impl Into<String>,
        value: impl Serialize,
    ) -> Result<(), SessionError> {
        let name = name.into();
        let json = to_raw_value(&value).map_err(SessionError::in_entry(&name))?;
        self.0.borrow_mut().requested.changes.insert(name, json);
        Ok(())
    }

    /// Removes an entry. Does nothing if there is none.
    pub fn remove(&self, name: &str) {
        let mut state = self.0.borrow_mut();
        let data = state.loaded.as_ref().map(|loaded| &loaded.record.data);
        if state.requested.changes.get(name, data).is_some() {
            state.requested.changes.remove(name);
        }
    }

    /// Removes all entries. The session itself, its ID and its user stay.
    pub fn clear(&self) {
        self.0.borrow_mut().requested.changes.clear();
    }

    /// Leaves a message for the next page that shows one, instead of any earlier message. The session stores it in the
    /// entry named `flash`.
    ///
    /// ```
    /// # let session = session_layer::Session::for_test();
    /// session.set_flash("The address was changed.")?;
    /// assert_eq!(session.take_flash().as_deref(), Some("The address was changed."));
    /// assert_eq!(session.take_flash(), None);
    /// # Ok::<(), session_layer::SessionError>(())
    /// ```
    ///
    /// # Errors
    /// Returns no error in practice: every text can be written as JSON.
    pub fn set_flash(&self, message: &str) -> Result<(), SessionError> {
        self.insert(FLASH, message)
    }

    /// Returns the message that [`set_flash`](Self::set_flash) left, and removes it. The caller must show it.
    pub fn take_flash(&self) -> Option<String> {
        let message = self.get(FLASH).ok().flatten();
        self.remove(FLASH);
        message
    }

    /// Makes this the session of `user`, under a new ID (OWASP ASVS 5.0, 7.2.4). The old ID stops working at once, on
    /// every instance. The absolute timeout starts again (7.3.2).
    ///
    /// `user` is any text that always names this user, such as the primary key in your database.
    ///
    /// The session keeps its entries, including those that this request has inserted. But if it belongs to another
    /// user, all of them are removed. So insert entries of the new session after this call.
    ///
    /// ```
    /// # let session = session_layer::Session::for_test();
    /// session.log_in("alice");
    /// assert_eq!(session.user().as_deref(), Some("alice"));
    /// session.log_out();
    /// assert_eq!(session.user(), None);
    /// ```
    pub fn log_in(&self, user: impl Into<String>) {
        let user = user.into();
        let mut state = self.0.borrow_mut();
        let before = state.loaded.as_ref().and_then(|it| it.record.user.as_ref());
        if before.is_some_and(|before| *before != user) {
            state.requested.changes.clear();
        }
        state.requested.log_out = false;
        state.requested.identity = Identity::LogIn(user);
    }

    /// Ends the session on every instance, and removes the visitor's cookie. Requests in flight can't bring it back.
    pub fn log_out(&self) {
        let mut state = self.0.borrow_mut();
        state.requested.changes.clear();
        state.requested.identity = Identity::Keep;
        state.requested.log_out = true;
    }

    /// Gives the session a new ID. The old ID stops working at once, on every instance.
    ///
    /// Call it when the rights of the session change. [`log_in`](Self::log_in) does it too. The absolute timeout still
    /// counts from the start of the session.
    pub fn rotate_id(&self) {
        let mut state = self.0.borrow_mut();
        if state.requested.identity == Identity::Keep && !state.requested.log_out {
            state.requested.identity = Identity::Rotate(OldId::Stops);
        }
    }

    /// Runs `work` after the handler, when the session has been written or nothing had to be written, and before the
    /// response is sent. It does not run if writing fails.
    ///
    /// ```
    /// # let session = session_layer::Session::for_test();
    /// session.log_out();
    /// session.after_save(async { println!("the session has ended on every instance") });
    /// ```
    pub fn after_save(&self, work: impl Future<Output = ()> + 'static) {
        let mut state = self.0.borrow_mut();
        state.requested.after_save.push(Box::pin(work));
    }
}

/// The name of the entry with the flash message.
const FLASH: &str = "flash";

impl FromRequest for Session {
    type Error = NoLayer;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get().cloned().ok_or(NoLayer))
    }
}

/// The error of the extractor if no [`SessionLayer`](crate::SessionLayer) wraps the route. The client gets 500.
#[derive(Debug, thiserror::Error)]
#[error("no SessionLayer wraps this route; wrap it with SessionLayer::middleware")]
pub struct NoLayer;

impl actix_web::ResponseError for NoLayer {}
