//! Save, load, update, delete, renew.

use std::time::Duration;

use actix_session::storage::{SaveError, SessionStore, UpdateError};
use session_stores::{RESERVED, State};

use super::bench::{Bench, Unknown};
use crate::common::{FOREVER, TTL, data, load, numbered, pass, same, times, unknown};

/// More than the resolution of a record's times.
const A_MOMENT: Duration = Duration::from_millis(5);

pub(crate) async fn an_id_that_the_store_does_not_hold_is_adopted_or_refused_as_declared<
    B: Bench,
>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let expected = (B::UNKNOWN == Unknown::Adopted).then(State::new);
    assert_eq!(load(&store, &unknown()).await, expected);
    assert!(
        bench.everything(&store).is_empty(),
        "asking makes no session"
    );

    let key = unknown();
    let updated = store.update(same(&key), numbered(1), &TTL).await.unwrap();
    assert_eq!(updated.as_ref(), key.as_ref());
    let expected = (B::UNKNOWN == Unknown::Adopted).then(|| numbered(1));
    assert_eq!(load(&store, &key).await.map(data), expected);
    assert_eq!(
        bench.everything(&store).is_empty(),
        B::UNKNOWN == Unknown::Refused
    );
}

pub(crate) async fn what_is_saved_and_updated_is_loaded_until_it_is_deleted<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let mut state = load(&store, &key).await.unwrap();
    assert_eq!(data(state.clone()), numbered(1));

    state.extend(numbered(2));
    state.insert("name".to_owned(), "\"Ada\"".to_owned());
    let updated = store.update(same(&key), state.clone(), &TTL).await.unwrap();
    assert_eq!(updated.as_ref(), key.as_ref(), "a change keeps the id");
    assert_eq!(
        load(&store, &key).await,
        Some(state),
        "the same state, times included"
    );
    assert_eq!(bench.everything(&store).len(), 1);

    store.delete(&key).await.unwrap();
    assert_eq!(
        load(&store, &key).await,
        (B::UNKNOWN == Unknown::Adopted).then(State::new)
    );
    assert!(bench.everything(&store).is_empty());
}

pub(crate) async fn values_are_any_json<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
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
    let mut state: State = values
        .iter()
        .enumerate()
        .map(|(at, json)| (format!("entry {at} \"ü\""), (*json).to_owned()))
        .collect();
    state.insert("large".to_owned(), format!("\"{}\"", "x".repeat(200_000)));
    let key = store.save(state.clone(), &TTL).await.unwrap();
    assert_eq!(load(&store, &key).await.map(data), Some(state));
}

pub(crate) async fn what_is_not_json_is_refused_and_nothing_is_kept<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let before = bench.everything(&store);
    for text in ["", "{", "plain text", "1 2", "\"open"] {
        let state = State::from([("entry".to_owned(), text.to_owned())]);
        let saved = store.save(state.clone(), &TTL).await;
        assert!(
            matches!(saved, Err(SaveError::Serialization(_))),
            "{text:?} was saved: {saved:?}"
        );
        let mut loaded = load(&store, &key).await.unwrap();
        loaded.extend(state);
        let updated = store.update(same(&key), loaded, &TTL).await;
        assert!(
            matches!(
                updated,
                Err(UpdateError::Serialization(_) | UpdateError::Other(_))
            ),
            "{text:?} was written: {updated:?}"
        );
    }
    assert_eq!(before.len(), bench.everything(&store).len());
    assert_eq!(load(&store, &key).await.map(data), Some(numbered(1)));
}

pub(crate) async fn an_empty_session_is_a_session<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(State::new(), &TTL).await.unwrap();
    let loaded = load(&store, &key).await.unwrap();
    assert!(
        loaded.contains_key(RESERVED),
        "it has a beginning, unlike one that is adopted"
    );
    assert_eq!(data(loaded), State::new());
}

pub(crate) async fn a_renewed_session_has_a_new_id_and_keeps_the_time_of_its_beginning<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &old).await.unwrap();
    let began = times(&state);
    assert_eq!(began.created_at, began.rotated_at);
    pass(A_MOMENT).await;

    // As the middleware renews.
    store.delete(&old).await.unwrap();
    let new = store.save(state, &TTL).await.unwrap();
    assert_ne!(new.as_ref(), old.as_ref());
    let renewed = load(&store, &new).await.unwrap();
    assert_eq!(times(&renewed).created_at, began.created_at);
    assert!(times(&renewed).rotated_at > began.rotated_at);
    assert_eq!(data(renewed), numbered(1));
}

pub(crate) async fn a_change_keeps_both_times_of_a_session<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &key).await.unwrap();
    pass(A_MOMENT).await;
    store.update(same(&key), state.clone(), &TTL).await.unwrap();
    assert_eq!(times(&load(&store, &key).await.unwrap()), times(&state));

    // Without the reserved entry, as `Session::clear()` leaves it.
    store.update(same(&key), numbered(2), &TTL).await.unwrap();
    let changed = load(&store, &key).await.unwrap();
    assert_eq!(times(&changed), times(&state));
    assert_eq!(data(changed), numbered(2));
}

pub(crate) async fn deleting_what_is_not_there_is_no_error<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    store.delete(&unknown()).await.unwrap();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    store.delete(&key).await.unwrap();
    store.delete(&key).await.unwrap();
    assert!(bench.everything(&store).is_empty());
}

pub(crate) async fn a_deleted_session_stays_deleted_or_starts_anew_as_declared<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let mut state = load(&store, &key).await.unwrap();
    let began = times(&state);
    store.delete(&key).await.unwrap();
    pass(A_MOMENT).await;

    // A request that was in flight at the logout.
    state.extend(numbered(2));
    store.update(same(&key), state, &TTL).await.unwrap();
    let found = load(&store, &key).await;
    match B::UNKNOWN {
        Unknown::Refused => {
            assert_eq!(found, None);
            assert!(bench.everything(&store).is_empty());
        }
        Unknown::Adopted => {
            let found = found.unwrap();
            assert!(
                times(&found).created_at > began.created_at,
                "it is another session under the same id"
            );
            assert_eq!(data(found), numbered(2));
        }
    }
}

pub(crate) async fn update_ttl_changes_nothing<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    store.update_ttl(&unknown(), &TTL).await.unwrap();
    assert!(bench.everything(&store).is_empty());
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let before = bench.everything(&store);
    store
        .update_ttl(&key, &actix_web::cookie::time::Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(bench.everything(&store), before);
    assert_eq!(load(&store, &key).await.map(data), Some(numbered(1)));
}
