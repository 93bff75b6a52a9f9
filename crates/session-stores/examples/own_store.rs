//! A store of your own: a map of JSON texts, as a database would hold them. `cargo run --example own_store` runs it.
//!
//! It never removes expired sessions. A real store does, as [`session_stores::memory`] shows.

use std::{cell::RefCell, collections::HashMap, error::Error};

use session_stores::{
    Access, Identity, Loaded, OldId, Record, Saved, Store, StoreError, Timeouts, parse_id,
};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Default)]
struct TextStore {
    texts: RefCell<HashMap<Uuid, Vec<u8>>>,
}

impl TextStore {
    /// Returns the session, unless there is none or its absolute timeout has passed.
    fn active(&self, id: Uuid) -> Result<Option<Record>, StoreError> {
        let texts = self.texts.borrow();
        let record = texts.get(&id).map(|text| Record::decode(id, text));
        let record = record.transpose().map_err(StoreError::failed)?;
        let now = OffsetDateTime::now_utc();
        Ok(record.filter(|record| !self.timeouts().is_expired(record, now)))
    }

    /// Replaces the session `old` if it still has the version that was `read`.
    fn replace(&self, old: Uuid, read: Option<u64>, new: &Record) -> Result<Saved, StoreError> {
        let text = new.encode()?;
        if let Some(refusal) = Saved::refusal(self.active(old)?.as_ref(), read) {
            return Ok(refusal);
        }
        let mut texts = self.texts.borrow_mut();
        texts.remove(&old);
        texts.insert(new.id, text);
        Ok(Saved::Written(new.id.to_string()))
    }
}

impl Store for TextStore {
    fn timeouts(&self) -> Timeouts {
        Timeouts {
            idle: None,
            ..Timeouts::default()
        }
    }

    /// It is strict: an unknown ID gives `None`. A permissive store would return [`Loaded::unknown`].
    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        let Some(id) = parse_id(key) else {
            return Ok(None);
        };
        Ok(self.active(id)?.map(Loaded::stored))
    }

    async fn create(&self, record: &Record) -> Result<Saved, StoreError> {
        self.replace(record.id, None, record)
    }

    async fn save(&self, record: &Record, read: u64) -> Result<Saved, StoreError> {
        self.replace(record.id, Some(read), record)
    }

    async fn rotate(&self, record: &Record, old: &Loaded, _: OldId) -> Result<Saved, StoreError> {
        self.replace(old.record.id, old.version, record)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        if let Some(id) = parse_id(key) {
            self.texts.borrow_mut().remove(&id);
        }
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = TextStore::default();
    let access = Access::new(&store, store.time_limit());
    let login = Identity::LogIn("alice".to_owned());
    let login = access.write(None, login, |_| Ok(())).await?;
    let key = login.ok_or("a login always begins a session")?.key;
    let user = access.load(&key).await?.and_then(|it| it.record.user);
    println!("user: {}", user.as_deref().unwrap_or("none"));
    access.delete(&key).await?;
    println!("after the logout: {}", access.load(&key).await?.is_some());
    Ok(())
}
