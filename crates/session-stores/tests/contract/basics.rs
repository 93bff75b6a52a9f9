//! Creating, loading, saving and deleting.

use futures_util::future::join_all;
use session_stores::{Changes, Identity, OldId, Record, StoreError};

use super::fixture::Fixture;
use crate::common::{
    FOREVER, begin, change, delete, entries, load, load_stored, n, rotate, text, try_write,
    unknown_id, write,
};

pub(crate) async fn an_unknown_id_gets_an_empty_session_or_a_new_id<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let id = unknown_id();
    let found = load(&store, &id).await;
    delete(&store, &id).await;
    assert_eq!(fixture.count(&store), 0, "a load writes nothing");
    assert_eq!(found.is_none(), F::STRICT);

    if let Some(empty) = found {
        assert_eq!(empty.record.id.to_string(), id);
        assert!(empty.version.is_none() && !empty.has_stale_key && empty.record.data.is_empty());
        // The second request has loaded the empty session, too.
        for n in [1, 2] {
            let written = change(&store, &empty, n).await.unwrap();
            assert_eq!(written.key, id, "the visitor keeps the cookie");
            assert_eq!(written.loaded.version, Some(n));
        }
        assert_eq!(n(&load(&store, &id).await.unwrap()), Some(2));
    }
}

pub(crate) async fn a_session_is_loaded_as_written<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let begun = begin(&store, 1).await;
    let id = begun.loaded.record.id;
    assert_eq!(begun.loaded.version, Some(1));
    let changed = change(&store, &begun.loaded, 2).await.unwrap();
    assert_eq!(changed.loaded.record.id, id, "a change keeps the ID");
    assert_eq!(changed.loaded.version, Some(2));
    for _ in 0..2 {
        let found = load(&store, &changed.key).await.unwrap();
        assert_eq!(found.version, Some(2));
        assert!(!found.has_stale_key);
        assert_eq!(text(&found.record), text(&changed.loaded.record));
        assert_eq!(n(&found), Some(2));
    }
}

pub(crate) async fn a_write_in_flight_does_not_revive_a_deleted_session<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let begun = begin(&store, 1).await;
    assert_eq!(fixture.count(&store), 1);
    for _ in 0..2 {
        delete(&store, &begun.key).await;
        assert!(load_stored(&store, &begun.key).await.is_none());
    }
    assert!(change(&store, &begun.loaded, 2).await.is_none());
    for old_id in [OldId::Stops, OldId::Redirects] {
        assert!(rotate(&store, &begun.loaded, old_id).await.is_none());
    }
    assert_eq!(fixture.count(&store), 0);
}

pub(crate) async fn values_are_any_json<F: Fixture>(fixture: F) {
    let values = [
        "0",
        "-1.5e300",
        "18446744073709551615",
        "123456789012345678901234567890.5",
        "true",
        "null",
        "\"\"",
        "[]",
        "{}",
        r#""a \"quote\", a \\, a line\nbreak, \u0000, ünïcödé, 🦀""#,
        r#"{"nested":[1,{"deep":null}],"":"empty name","ID":"not ours"}"#,
    ];
    let names = [
        "",
        "ID",
        "Version",
        "_session",
        "ü \"quoted\" 🦀",
        "a\nb\0c",
    ];
    let store = fixture.store(FOREVER).await;
    for json in values {
        let mut all = Changes::default();
        for name in names {
            all.insert(name, serde_json::from_str(json).unwrap());
        }
        let written = write(&store, None, Identity::Keep, &all).await.unwrap();
        let found = load(&store, &written.key).await.unwrap();
        for name in names {
            assert_eq!(found.record.data[name].get(), json, "in {name:?}");
        }
        assert_eq!(found.record.data.len(), names.len());
    }
}

pub(crate) async fn a_session_that_is_too_large_is_not_written<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let begun = begin(&store, 1).await;
    let large = entries(&format!(r#"{{"n":"{}"}}"#, "x".repeat(Record::MAX_BYTES)));
    for (loaded, identity) in [
        (None, Identity::Keep),
        (Some(&begun.loaded), Identity::Keep),
        (Some(&begun.loaded), Identity::Rotate(OldId::Stops)),
        (Some(&begun.loaded), Identity::LogIn("alice".to_owned())),
    ] {
        let written = try_write(&store, loaded, identity, &large).await;
        let Err(StoreError::TooLarge { bytes, limit }) = written else {
            panic!("{written:?}");
        };
        assert!(bytes > limit && limit <= Record::MAX_BYTES);
    }
    let found = load(&store, &begun.key).await.unwrap();
    assert_eq!(text(&found.record), text(&begun.loaded.record));
    assert!(fixture.count(&store) <= 1);
}

pub(crate) async fn malformed_keys_are_rejected<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let real = begin(&store, 1).await.key;
    let keys = "|x|not a UUID|*|../x|../../x|/etc/passwd|../sessions/ID|./ID|ID.json|ID\0|ID\n| ID|{ID}|urn:uuid:ID|IDID|üüü";
    let keys = keys.split('|').map(|key| key.replace("ID", &real));
    let others = [real.replace('-', ""), real.to_uppercase(), "a".repeat(4000)];
    for key in keys.chain(others) {
        assert!(load(&store, &key).await.is_none(), "{key:?} was loaded");
        delete(&store, &key).await;
    }
    assert!(load_stored(&store, &real).await.is_some());
}

pub(crate) async fn many_sessions_stay_apart<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let sessions = (0..300).map(async |n| {
        let begun = begin(&store, n).await;
        change(&store, &begun.loaded, n + 300).await.unwrap().key
    });
    let keys = join_all(sessions).await;
    // Every other session ends.
    join_all(keys.iter().step_by(2).map(|key| delete(&store, key))).await;
    for (key, expected) in keys.iter().zip(300..).skip(1).step_by(2) {
        let found = load(&store, key).await.unwrap();
        assert_eq!(n(&found), Some(expected));
    }
}
