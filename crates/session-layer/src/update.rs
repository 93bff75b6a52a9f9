//! Calls of the store while the handler runs.

use std::rc::Rc;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::to_raw_value;
use session_stores::{Data, Identity, StoreError};

use crate::{SessionError, state::Session};

impl Session {
    /// Changes one entry atomically, at once, and returns the value that was written.
    ///
    /// `f` gets the entry as it is in the store. If another request changes the session at the same time, `f` runs
    /// again with the newer value. So no change is lost, and `f` must have no effect but its result. Other changes of
    /// this request are written when the handler has returned, as usual.
    ///
    /// ```
    /// # use session_layer::{Session, SessionError};
    /// async fn count(session: &Session) -> Result<u64, SessionError> {
    ///     session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await
    /// }
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    /// # let counted = runtime.block_on(async { count(&Session::for_test()).await });
    /// # assert_eq!(counted.unwrap(), 1);
    /// ```
    ///
    /// # Errors
    /// Returns an error if the session has ended, if the entry has another type, if the store fails, or if other
    /// requests change the session before each of 64 attempts. If the reply of the store was late or lost, the change
    /// may have been written. After every other error nothing has changed.
    pub async fn update<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        mut f: impl FnMut(Option<T>) -> T,
    ) -> Result<T, SessionError> {
        let (backend, loaded, before) = {
            let state = self.0.borrow();
            if state.requested.log_out {
                return Err(SessionError::Ended);
            }
            // This request may have set or removed the entry, which is not written yet.
            let before = state.requested.changes.of(name);
            (Rc::clone(&state.backend), state.loaded.clone(), before)
        };
        let mut updated = None;
        let mut entry_error = None;
        let written = {
            let change = |data: &mut Data| {
                before.apply(data);
                let old = data.get(name).map(|json| serde_json::from_str(json.get()));
                let result = old.transpose().and_then(|old| {
                    let new = f(old);
                    Ok((to_raw_value(&new)?, new))
                });
                match result {
                    Ok((json, new)) => {
                        match data.get_mut(name) {
                            Some(old) => old.clone_from(&json),
                            None => drop(data.insert(name.to_owned(), json.clone())),
                        }
                        updated = Some((json, new));
                        Ok(())
                    }
                    Err(error) => {
                        entry_error = Some(error);
                        // It only stops the write.
                        Err(StoreError::failed(std::fmt::Error))
                    }
                }
            };
            backend
                .write(loaded, Identity::Keep, Box::new(change))
                .await
        };
        if let Some(error) = entry_error {
            return Err(SessionError::in_entry(name)(error));
        }
        self.set_written(written?.ok_or(SessionError::Ended)?);
        let (json, new) = updated.ok_or(SessionError::Ended)?;
        self.0.borrow_mut().requested.changes.forget(name, json);
        Ok(new)
    }

    /// Waits for `work`, your own call of the store, until the request has used up its time for the store.
    ///
    /// [`SessionLayer::store`](crate::SessionLayer::store) gives the store to handlers.
    ///
    /// ```
    /// use actix_web::web;
    /// use session_layer::{Session, SessionError};
    /// use session_stores::RedisStore;
    ///
    /// /// Logs the user out everywhere else.
    /// async fn log_out_elsewhere(
    ///     session: Session,
    ///     store: web::Data<RedisStore>,
    /// ) -> Result<String, SessionError> {
    ///     let Some(own) = session.record() else {
    ///         return Ok("You have no session".to_owned());
    ///     };
    ///     let ended = session.wait(store.revoke_others(&own)).await?;
    ///     Ok(format!("{} other sessions have ended", ended.len()))
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns an error if `work` does, or if the time runs out.
    pub async fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, SessionError> {
        let backend = Rc::clone(&self.0.borrow().backend);
        let mut result = None;
        let work = async {
            result = Some(work.await?);
            Ok(())
        };
        backend.wait(Box::pin(work)).await?;
        result.ok_or(StoreError::TimedOut.into())
    }
}
