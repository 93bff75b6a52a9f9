//! A session that other requests keep changing.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use actix_web::http::StatusCode;
use serde_json::json;
use session_layer::{Counters, Options};
use session_stores::{Loaded, MemoryStore, OldId, Record, Saved, Store, StoreError, Timeouts};

use crate::support::{Visitor, assert_seen, memory};

/// A store where, while `busy`, another request changes a session before each attempt to save it.
struct Busy {
    store: MemoryStore,
    busy: Rc<Cell<bool>>,
}

impl Store for Busy {
    fn timeouts(&self) -> Timeouts {
        self.store.timeouts()
    }

    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        self.store.load(key).await
    }

    async fn create(&self, record: &Record) -> Result<Saved, StoreError> {
        self.store.create(record).await
    }

    async fn save(&self, record: &Record, read: u64) -> Result<Saved, StoreError> {
        if self.busy.get() {
            let other = self.store.load(&record.id.to_string()).await?;
            let mut newer = other.unwrap().record;
            newer.version += 1;
            self.store.save(&newer, read).await?;
        }
        self.store.save(record, read).await
    }

    async fn rotate(&self, record: &Record, old: &Loaded, to: OldId) -> Result<Saved, StoreError> {
        self.store.rotate(record, old, to).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store.delete(key).await
    }
}

#[actix_web::test]
async fn a_session_that_others_keep_changing_is_left_to_them() {
    let (counters, busy) = (Arc::new(Counters::default()), Rc::new(Cell::new(false)));
    let store = Busy {
        store: memory(),
        busy: Rc::clone(&busy),
    };
    let mut options = Options::default();
    options.counters = Arc::clone(&counters);
    let mut visitor = Visitor::of(store, options).await;
    visitor.get("set=a").await;
    busy.set(true);
    let response = visitor.send("set=b").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(counters.conflicts.load(Relaxed), 64);
    assert_eq!(counters.retries.load(Relaxed), 63);

    busy.set(false);
    let seen = visitor.get("show").await;
    assert_seen(&seen, &json!({ "a": 1, "b": null }));
}
