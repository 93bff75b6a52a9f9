//! The session of a request: what it knows, and what the layer does with it.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::future::LocalBoxFuture;
use session_stores::{Changes, Identity, Loaded, Record, Timeouts, Written};
use time::OffsetDateTime;

use crate::backend::Backend;

/// The session of the current request. A handler takes it as an argument.
///
/// Changes are written when the handler has returned. [`update`](Self::update) writes at once. A visitor without a
/// session gets one with the first change.
///
/// Clones are the same session.
#[derive(Clone)]
pub struct Session(pub(crate) Rc<RefCell<State>>);

/// The state that all clones of a [`Session`] share.
pub(crate) struct State {
    pub(crate) backend: Rc<dyn Backend>,
    pub(crate) timeouts: Timeouts,
    /// Whether the visitor has sent a cookie that is signed.
    pub(crate) has_cookie: bool,
    /// The session as it is stored, as far as this request knows.
    pub(crate) loaded: Option<Loaded>,
    /// The key under which this request has written the session.
    written_key: Option<String>,
    pub(crate) requested: Requested,
}

/// The changes that the handler has asked for. The layer makes them when the handler has returned.
#[derive(Default)]
pub(crate) struct Requested {
    pub(crate) changes: Changes,
    pub(crate) identity: Identity,
    pub(crate) log_out: bool,
    pub(crate) after_save: Vec<LocalBoxFuture<'static, ()>>,
}

impl Session {
    pub(crate) fn new(
        backend: Rc<dyn Backend>,
        timeouts: Timeouts,
        loaded: Option<Loaded>,
    ) -> Self {
        Self(Rc::new(RefCell::new(State {
            backend,
            timeouts,
            has_cookie: false,
            loaded,
            written_key: None,
            requested: Requested::default(),
        })))
    }

    pub(crate) fn set_has_cookie(&self, has_cookie: bool) {
        self.0.borrow_mut().has_cookie = has_cookie;
    }

    pub(crate) fn take_requested(&self) -> Requested {
        std::mem::take(&mut self.0.borrow_mut().requested)
    }

    pub(crate) fn loaded(&self) -> Option<Loaded> {
        self.0.borrow().loaded.clone()
    }

    /// Returns whether the session comes from another store and is not in this one yet.
    pub(crate) fn is_import(&self) -> bool {
        let state = self.0.borrow();
        state.loaded.as_ref().is_some_and(Loaded::is_import)
    }

    pub(crate) fn set_written(&self, written: Written) {
        let mut state = self.0.borrow_mut();
        state.loaded = Some(written.loaded);
        state.written_key = Some(written.key);
    }

    /// Returns the key for the cookie of a visitor who has sent `found`, or `None` if the store has no session. Call
    /// it once, when nothing is written any more.
    pub(crate) fn take_key(&self, found: Option<&str>) -> Option<String> {
        let mut state = self.0.borrow_mut();
        let written = state.written_key.take();
        let loaded = state.loaded.as_ref()?;
        loaded.version?;
        let own = || (!loaded.has_stale_key).then_some(found?.to_owned());
        let key = written.or_else(own);
        Some(key.unwrap_or_else(|| loaded.record.id.to_string()))
    }

    /// Returns how long ago the session got its ID.
    pub(crate) fn id_age(&self) -> Option<Duration> {
        let age = |record: &Record| OffsetDateTime::now_utc() - record.rotated_at;
        Some(Duration::try_from(self.with_record(age)?).unwrap_or_default())
    }
}
