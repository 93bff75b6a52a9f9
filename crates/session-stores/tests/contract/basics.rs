//! Saving, loading, updating and deleting.

use std::time::Duration;

use actix_session::storage::{SaveError, SessionStore, UpdateError};
use session_stores::{RESERVED, State};

use super::fixture::Fixture;
use crate::common::{
    FOREVER, TTL, begin, changed, data, key, load, load_data, numbered, pass, same, save, times,
    unknown, update,
};

/// More than the resolution of a record's times.
const A_MOMENT: Duration = Duration::from_millis(5);

pub(crate) async fn an_unknown_id_gets_an_empty_session_or_a_new_id<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    assert_eq!(load(&store, &unknown()).await, F::nothing());
    assert!(fixture.dump(&store).is_empty(), "a load writes nothing");

    let key = unknown();
    assert_eq!(update(&store, &key, numbered(1)).await, key);
    let expected = (!F::STRICT).then(|| numbered(1));
    assert_eq!(load_data(&store, &key).await, expected);
    assert_eq!(fixture.dump(&store).is_empty(), F::STRICT);
}

pub(crate) async fn a_session_is_loaded_as_written_until_it_is_deleted<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    assert_eq!(data(state.clone()), numbered(1));

    let mut state = changed(&state, 2);
    state.insert("name".to_owned(), "\"Ada\"".to_owned());
    let updated = update(&store, &key, state.clone()).await;
    assert_eq!(updated, key, "a change keeps the ID");
    assert_eq!(load(&store, &key).await, Some(state), "and the times");
    assert_eq!(fixture.dump(&store).len(), 1);

    store.delete(&key).await.unwrap();
    assert_eq!(load(&store, &key).await, F::nothing());
    assert!(fixture.dump(&store).is_empty());
}

pub(crate) async fn values_are_any_json<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let values = [
        "0",
        "-1.5e300",
        "18446744073709551615",
        "123456789012345678901234567890",
        "true",
        "null",
        "\"\"",
        "[]",
        "{}",
        r#""a \"quote\", a \\, a line\nbreak, \u0000, ünïcödé, 🦀""#,
        r#"{"nested":[1,{"deep":null}],"":"empty name","_session":"not ours"}"#,
    ];
    let entries = values.iter().enumerate();
    let mut state: State = entries
        .map(|(at, json)| (format!("entry {at} \"ü\""), (*json).to_owned()))
        .collect();
    state.insert("large".to_owned(), format!("\"{}\"", "x".repeat(200_000)));
    let key = save(&store, state.clone()).await;
    assert_eq!(load_data(&store, &key).await, Some(state));
}

pub(crate) async fn text_that_is_not_json_is_rejected<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (key, loaded) = begin(&store).await;
    let before = fixture.dump(&store);
    for text in ["", "{", "plain text", "1 2", "\"open"] {
        let mut state = State::from([("entry".to_owned(), text.to_owned())]);
        let saved = store.save(state.clone(), &TTL).await;
        assert!(
            matches!(saved, Err(SaveError::Serialization(_))),
            "{text:?} was saved: {saved:?}"
        );
        state.extend(loaded.clone());
        let updated = store.update(same(&key), state, &TTL).await;
        let rejected = matches!(
            updated,
            Err(UpdateError::Serialization(_) | UpdateError::Other(_))
        );
        assert!(rejected, "{text:?} was written: {updated:?}");
    }
    assert_eq!(before.len(), fixture.dump(&store).len());
    assert_eq!(load_data(&store, &key).await, Some(numbered(1)));
}

pub(crate) async fn an_empty_session_is_a_session<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let key = save(&store, State::new()).await;
    let loaded = load(&store, &key).await.unwrap();
    assert!(loaded.contains_key(RESERVED), "unlike an unknown one");
    assert_eq!(data(loaded), State::new());
}

pub(crate) async fn a_renewed_session_keeps_its_start<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (old, state) = begin(&store).await;
    let before = times(&state);
    assert_eq!(before.created_at, before.rotated_at);
    pass(A_MOMENT).await;

    // The middleware of actix-session renews like this.
    store.delete(&old).await.unwrap();
    let new = save(&store, state).await;
    assert_ne!(new, old);
    let renewed = load(&store, &new).await.unwrap();
    assert_eq!(times(&renewed).created_at, before.created_at);
    assert!(times(&renewed).rotated_at > before.rotated_at);
    assert_eq!(data(renewed), numbered(1));
}

pub(crate) async fn a_change_keeps_both_times<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    pass(A_MOMENT).await;
    // The second time without the reserved entry, as after `Session::clear()`.
    for (n, changed) in [(1, state.clone()), (2, numbered(2))] {
        update(&store, &key, changed).await;
        let found = load(&store, &key).await.unwrap();
        assert_eq!(times(&found), times(&state));
        assert_eq!(data(found), numbered(n));
    }
}

pub(crate) async fn deleting_a_missing_session_is_not_an_error<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    store.delete(&unknown()).await.unwrap();
    let key = save(&store, numbered(1)).await;
    store.delete(&key).await.unwrap();
    store.delete(&key).await.unwrap();
    assert!(fixture.dump(&store).is_empty());
}

pub(crate) async fn a_change_in_flight_does_not_revive_a_deleted_session<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    store.delete(&key).await.unwrap();
    pass(A_MOMENT).await;

    update(&store, &key, changed(&state, 2)).await;
    let found = load(&store, &key).await;
    if F::STRICT {
        assert_eq!(found, None);
        assert!(fixture.dump(&store).is_empty());
    } else {
        let found = found.unwrap();
        let another = times(&found).created_at > times(&state).created_at;
        assert!(another, "another session begins under the same ID");
        assert_eq!(data(found), numbered(2));
    }
}

pub(crate) async fn update_ttl_changes_nothing<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    store.update_ttl(&unknown(), &TTL).await.unwrap();
    assert!(fixture.dump(&store).is_empty());
    let key = save(&store, numbered(1)).await;
    let before = fixture.dump(&store);
    let zero = actix_web::cookie::time::Duration::ZERO;
    store.update_ttl(&key, &zero).await.unwrap();
    assert_eq!(fixture.dump(&store), before);
    assert_eq!(load_data(&store, &key).await, Some(numbered(1)));
}

pub(crate) async fn malformed_keys_are_rejected<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let real = save(&store, numbered(1)).await;
    let id = real.as_ref();
    if let Some(at_rest) = fixture.at_rest() {
        // Where some of these keys would lead.
        at_rest.write("x", b"{}");
        at_rest.write("../x", b"{}");
    }
    let before = fixture.dump(&store);

    let keys = [
        String::new(),
        "x".to_owned(),
        "not a UUID".to_owned(),
        "*".to_owned(),
        "../x".to_owned(),
        "../../x".to_owned(),
        "./../x".to_owned(),
        "/etc/passwd".to_owned(),
        format!("../sessions/{id}"),
        format!("./{id}"),
        format!("{id}.json"),
        format!("{id}\0"),
        format!("{id}\n"),
        format!(" {id}"),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        id.replace('-', ""),
        id.to_uppercase(),
        format!("{id}{id}"),
        "ü".repeat(18),
        "a".repeat(4000),
    ];
    for text in keys {
        let key = key(&text);
        assert_eq!(load(&store, &key).await, None, "{text:?} was loaded");
        let updated = store.update(same(&key), numbered(2), &TTL).await;
        assert!(updated.is_err(), "{text:?} was written");
        store.update_ttl(&key, &TTL).await.unwrap();
        store.delete(&key).await.unwrap();
    }
    assert_eq!(fixture.dump(&store), before);
    assert!(load(&store, &real).await.is_some());
}
