//! The store as a session sees it: one type, whatever the store is.

use std::ops::Deref;

use futures_util::future::LocalBoxFuture;
use session_stores::{Access, Data, Identity, Loaded, Store, StoreError, Written};

/// See [`Access::write`].
pub(crate) type Change<'a> = Box<dyn FnMut(&mut Data) -> Result<(), StoreError> + 'a>;
type Work<'a, T> = LocalBoxFuture<'a, Result<T, StoreError>>;

/// The methods of [`Access`] without the type of the store. Otherwise every handler would have to name it.
pub(crate) trait Backend {
    fn write<'a>(
        &'a self,
        loaded: Option<Loaded>,
        identity: Identity,
        change: Change<'a>,
    ) -> Work<'a, Option<Written>>;

    fn wait<'a>(&'a self, work: Work<'a, ()>) -> Work<'a, ()>;
}

impl<P: Deref<Target: Store>> Backend for Access<P> {
    fn write<'a>(
        &'a self,
        loaded: Option<Loaded>,
        identity: Identity,
        change: Change<'a>,
    ) -> Work<'a, Option<Written>> {
        Box::pin(Access::write(self, loaded, identity, change))
    }

    fn wait<'a>(&'a self, work: Work<'a, ()>) -> Work<'a, ()> {
        Box::pin(Access::wait(self, work))
    }
}
