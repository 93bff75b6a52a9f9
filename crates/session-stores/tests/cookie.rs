//! The promises of [`session_stores::CookieStore`] beyond the contract, and the ends that it can't promise.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use common::{
    FOREVER, HOUR, MINUTE, aged_cookie, begin, change, cookie, delete, entries, idle, load, log_in,
    n, record, rotate, text, timeouts, try_write, unknown_id,
};
use session_stores::{CookieStore, Identity, OldId, Saved, Store, StoreError};

#[tokio::test]
async fn the_cookie_is_the_id_and_readable_json() {
    let store = CookieStore::new(FOREVER);
    let login = log_in(&store, Some(&begin(&store, 1).await.loaded), "alice").await;
    let record = &login.loaded.record;
    assert_eq!(login.key, cookie(record.id, &text(record)));
    let needs_no_encoding = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(login.key.bytes().all(needs_no_encoding));
}

/// The server keeps nothing, so it can't know that there is a newer cookie.
#[tokio::test]
async fn every_write_is_accepted_and_every_cookie_stays_valid() {
    let store = CookieStore::new(FOREVER);
    let begun = begin(&store, 1).await;
    let one = change(&store, &begun.loaded, 2).await.unwrap();
    let other = change(&store, &begun.loaded, 3).await.unwrap();
    let late = store.save(&begun.loaded.record, 7).await.unwrap();
    assert!(matches!(late, Saved::Written(key) if key == begun.key));
    let rotated = rotate(&store, &one.loaded, OldId::Stops).await.unwrap();
    delete(&store, &rotated.key).await;
    for (key, expected) in [
        (begun.key, 1),
        (one.key, 2),
        (other.key, 3),
        (rotated.key, 2),
    ] {
        assert_eq!(n(&load(&store, &key).await.unwrap()), Some(expected));
    }
}

#[tokio::test]
async fn a_cookie_works_until_its_timeouts_pass() {
    let timeouts = timeouts(Some(HOUR), Some(4 * HOUR));
    let store = CookieStore::new(timeouts);
    for (began, given, active) in [
        (HOUR / 2, HOUR / 2, true),
        (3 * HOUR, 50 * MINUTE, true),
        (2 * HOUR, 61 * MINUTE, false),
        (5 * HOUR, MINUTE, false),
    ] {
        // With and without the end in the record, which older cookies don't have.
        for timeouts in [timeouts, FOREVER] {
            let key = aged_cookie(began, given, &timeouts);
            let found = load(&store, &key).await;
            assert_eq!(found.is_some(), active, "{began:?} and {given:?} ago");
            // Reading gives no new cookie.
            assert!(found.is_none_or(|found| !found.has_stale_key));
        }
    }
}

#[tokio::test]
async fn a_slow_request_keeps_a_session_that_expires_meanwhile() {
    let key = aged_cookie(2 * HOUR, 61 * MINUTE, &FOREVER);
    let in_flight = load(&CookieStore::new(FOREVER), &key).await.unwrap();
    let store = CookieStore::new(idle(HOUR));
    let changed = change(&store, &in_flight, 2).await.unwrap();
    assert_eq!(n(&load(&store, &changed.key).await.unwrap()), Some(2));
}

#[tokio::test]
async fn a_key_has_room_for_3840_bytes() {
    let store = CookieStore::new(FOREVER);
    let letters = |count| entries(&format!(r#"{{"large":"{}"}}"#, "x".repeat(count)));
    let small = try_write(&store, None, Identity::Keep, &letters(2600)).await;
    let small = small.unwrap().unwrap();
    assert!(small.key.len() <= 3840);
    let grown = Some(&small.loaded);
    let grown = try_write(&store, grown, Identity::Keep, &letters(2800)).await;
    let too_large =
        matches!(grown, Err(StoreError::TooLarge { bytes, limit: 3840 }) if bytes > 3840);
    assert!(too_large, "{grown:?}");
}

#[tokio::test]
async fn keys_of_other_stores_and_broken_keys_are_rejected() {
    let store = CookieStore::new(FOREVER);
    let real = begin(&store, 1).await.key;
    let (front, base64) = real.split_once('.').unwrap();
    let encode = |json: &str| cookie(front, json);
    let keys = [
        front.to_owned(),
        format!("{}.{base64}", unknown_id()),
        format!(".{base64}"),
        format!("{front}."),
        format!("{real}="),
        format!("{real}."),
        real[..real.len() - 4].to_owned(),
        encode(""),
        encode("null"),
        encode(&record(&unknown_id())),
        encode(&record(front).replace("CreatedAt", "createdAt")),
        encode(&record(front).replace(r#"{"n":1}"#, "[]")),
        format!("{front}.{}", BASE64_URL_SAFE_NO_PAD.encode(b"\xff")),
        // actix-session's own CookieSessionStore.
        r#"{"n":"1"}"#.to_owned(),
    ];
    for key in keys {
        assert!(load(&store, &key).await.is_none(), "{key}");
    }
}
