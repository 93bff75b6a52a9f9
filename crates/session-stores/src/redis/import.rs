//! Importing the sessions that visitors bring in cookies of a [`CookieStore`](crate::CookieStore).
//!
//! An import is a rotation whose old ID was never in Redis. A `load` writes nothing: it returns the session from the
//! cookie, and reports that the key is stale. The first write stores the session under a new ID and leaves a redirect
//! under the cookie's ID, in one step. The redirect stays until the last cookie with that ID has expired, so that no
//! older copy of the cookie is imported again.

use super::{commands::Resolved, error::RedisStoreError, store::RedisStore};
use crate::{Loaded, Record, Store, StoreError, cookie, record};

impl RedisStore {
    /// Returns the session in `key` if sessions are imported.
    fn brought(&self, key: &str) -> Option<Record> {
        let imports = self.commands.options.import_cookies;
        imports.then(|| cookie::decode(key)).flatten()
    }

    /// Returns the session in the cookie `key`, or the one as which it was imported.
    pub(super) async fn load_from_cookie(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        let (timeouts, now) = (self.timeouts(), record::now());
        let brought = self.brought(key);
        let Some(record) = brought.filter(|it| cookie::is_active(it, &timeouts, now)) else {
            return Ok(None);
        };
        match self.commands.resolve(record.id, Some(now)).await? {
            Resolved::Unused => Ok(Some(Loaded {
                record,
                version: None,
                has_stale_key: true,
                imported_from: None,
            })),
            imported => self.loaded(record.id, imported).await,
        }
    }

    /// Ends the session in the cookie `key`, even if it was imported before. From now on no cookie with its ID is
    /// imported.
    pub(super) async fn delete_from_cookie(&self, key: &str) -> Result<(), RedisStoreError> {
        match self.brought(key) {
            Some(brought) => self.commands.delete_imported(&brought).await,
            None => Ok(()),
        }
    }
}
