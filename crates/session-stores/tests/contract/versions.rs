//! Requests that change the same session.

use std::{collections::BTreeSet, thread};

use futures_util::future::join_all;
use session_stores::{Identity, OldId, Saved, Store};
use tokio::runtime::Builder;

use super::fixture::Fixture;
use crate::common::{
    FOREVER, access, begin, change, entries, load, log_in, n, rotate, text, write,
};

/// A network may deliver a write late, and twice.
pub(crate) async fn a_write_of_an_old_version_returns_the_newer<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let begun = begin(&store, 1).await.loaded;
    let newer = change(&store, &begun, 2).await.unwrap();
    let (twice, expected) = (&newer.loaded.record, text(&newer.loaded.record));
    let mut late = begun.record.clone();
    late.version = 2;
    let mut rotated = late.clone();
    rotated.id = uuid::Uuid::new_v4();
    for saved in [
        store.save(twice, 1).await,
        store.save(&late, 1).await,
        store.save(&late, 0).await,
        store.save(&late, 7).await,
        store.rotate(&rotated, &begun, OldId::Stops).await,
        store.rotate(&rotated, &begun, OldId::Redirects).await,
    ] {
        let Ok(Saved::Conflict(current)) = saved else {
            panic!("{saved:?}")
        };
        assert_eq!(current.version, Some(2));
        assert_eq!(text(&current.record), expected);
    }
    let created = store.create(&late).await.unwrap();
    assert!(!matches!(created, Saved::Written(_)), "the ID is in use");
    let found = load(&store, &newer.key).await.unwrap();
    assert_eq!(text(&found.record), expected);
    assert_eq!(fixture.count(&store), 1);
}

pub(crate) async fn changes_are_merged_entry_by_entry<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for (earlier, later, expected) in [
        (r#"{"a":2}"#, r#"{"b":2}"#, r#"{"a":2,"b":2}"#),
        (r#"{"a":2}"#, r#"{"a":3}"#, r#"{"a":3,"b":1}"#),
        (r#"{"c":2}"#, r#"{"b":null}"#, r#"{"a":1,"c":2}"#),
        (r#"{"b":null}"#, r#"{"a":2}"#, r#"{"a":2}"#),
        (r#"{"c":2}"#, r#"{"*":null}"#, "{}"),
        (r#"{"*":null}"#, r#"{"b":2}"#, r#"{"b":2}"#),
        (r#"{"a":2}"#, r#"{"*":null,"c":3}"#, r#"{"c":3}"#),
    ] {
        let both = entries(r#"{"a":1,"b":1}"#);
        let begun = write(&store, None, Identity::Keep, &both).await.unwrap();
        // Both requests have loaded the session before one of them writes it.
        for json in [earlier, later] {
            let written = write(&store, Some(&begun.loaded), Identity::Keep, &entries(json)).await;
            assert_eq!(written.unwrap().key, begun.key);
        }
        let found = load(&store, &begun.key).await.unwrap();
        assert_eq!(serde_json::to_string(&found.record.data).unwrap(), expected);
        assert_eq!(found.version, Some(3));
    }
}

pub(crate) async fn a_rotation_or_login_keeps_newer_entries<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for rotates in [true, false] {
        let begun = begin(&store, 1).await.loaded;
        change(&store, &begun, 2).await.unwrap();
        let written = if rotates {
            rotate(&store, &begun, OldId::Stops).await.unwrap()
        } else {
            log_in(&store, Some(&begun), "alice").await
        };
        assert_eq!(n(&load(&store, &written.key).await.unwrap()), Some(2));
    }
}

/// Adds 1 to the entry `n` and a letter to `text` in `count` requests at once, and returns what each has written. The
/// entries show a torn session.
async fn increment(store: &impl Store, key: &str, count: usize) -> Vec<u64> {
    let loaded = join_all((0..count).map(|_| load(store, key))).await;
    let requests = loaded.into_iter().map(async |loaded| {
        let access = access(store);
        let written = access.write(loaded, Identity::Keep, |data| {
            let text: String = serde_json::from_str(data["text"].get()).unwrap();
            let n = data["n"].get().parse::<usize>().unwrap() + 1;
            assert_eq!(text.len() + 1, n, "a torn session");
            entries(&format!(r#"{{"n":{n},"text":"{text}x"}}"#)).apply(data);
            Ok(())
        });
        n(&written.await.unwrap().unwrap().loaded).unwrap()
    });
    join_all(requests).await
}

/// Each worker of a server has a thread, a clone of the store, and many requests.
pub(crate) async fn fifty_increments_at_once_count_fifty<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for workers in [1, 5] {
        let zero = entries(r#"{"n":0,"text":""}"#);
        let begun = write(&store, None, Identity::Keep, &zero).await.unwrap();
        let work = &|store: F::Store| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(increment(&store, &begun.key, 50 / workers))
        };
        let counted: BTreeSet<_> = thread::scope(|scope| {
            let stores = vec![store.clone(); workers].into_iter();
            let threads = stores.map(|store| scope.spawn(move || work(store)));
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .flat_map(|it| it.join().unwrap())
                .collect()
        });
        assert_eq!(counted, (1..=50).collect(), "{workers} workers");
        assert_eq!(n(&load(&store, &begun.key).await.unwrap()), Some(50));
    }
    assert_eq!(fixture.count(&store), 2, "nothing else is left");
}
