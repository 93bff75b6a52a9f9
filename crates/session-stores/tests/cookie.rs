//! The promises of [`session_stores::CookieStore`] beyond the contract, and the ends that it can't promise.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use actix_session::storage::{SaveError, SessionStore, UpdateError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use common::{
    FOREVER, HOUR, MINUTE, TTL, absolute, begin, both, changed, data, handled, idle,
    in_cookie::{aged, id, read},
    key, load, load_data, log_alice_in, logged_in, names, numbered, record, request, same, save,
    site::{Visitor, site},
    times, unknown, update,
};
use serde_json::{Value, json};
use session_stores::{CookieStore, State, renew};

#[actix_web::test]
async fn the_cookie_is_the_id_and_readable_json() {
    let store = CookieStore::new(FOREVER);
    let state = State::from([("name".to_owned(), r#""Ada""#.to_owned())]);
    let key = save(&store, handled(state, log_alice_in)).await;
    let shown = read(&key);
    let expected = ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt", "User"];
    assert_eq!(names(&shown), expected);
    assert_eq!(shown["ID"], id(key.as_ref()));
    assert_eq!(shown["Data"], json!({"name": "Ada"}));
    assert_eq!(shown["User"], "alice");
    let needs_no_encoding = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(key.as_ref().bytes().all(needs_no_encoding));
}

#[actix_web::test]
async fn a_change_gives_another_cookie_with_id_start_and_user() {
    let store = CookieStore::new(FOREVER);
    let (old, state) = logged_in(&store, "alice").await;
    let start = times(&state);
    // The second time without the reserved entry, as after `Session::clear()`.
    for state in [changed(&state, 2), numbered(2)] {
        let new = update(&store, &old, state).await;
        assert_eq!(id(new.as_ref()), id(old.as_ref()));
        let found = load(&store, &new).await.unwrap();
        assert_eq!((times(&found), data(found)), (start, numbered(2)));
        assert_eq!(read(&new)["User"], "alice");
    }
}

#[actix_web::test]
async fn an_old_cookie_works_until_its_timeouts_pass() {
    let store = CookieStore::new(FOREVER);
    let (kept, state) = begin(&store).await;
    update(&store, &kept, numbered(2)).await;
    request(&store, &kept, state.clone(), renew).await;
    store.delete(&kept).await.unwrap();
    assert_eq!(load(&store, &kept).await, Some(state));

    let store = CookieStore::new(both(HOUR, 4 * HOUR));
    for (began, given, active) in [
        (HOUR / 2, HOUR / 2, true),
        (3 * HOUR, 50 * MINUTE, true),
        (2 * HOUR, 61 * MINUTE, false),
        (5 * HOUR, MINUTE, false),
    ] {
        let replayed = aged(began, given);
        let found = load(&store, &replayed).await;
        assert_eq!(found.is_some(), active, "{began:?} and {given:?} ago");
        // A change keeps an active session alive, and revives no expired one.
        let updated = update(&store, &replayed, found.unwrap_or_default()).await;
        assert_eq!(load(&store, &updated).await.is_some(), active);
    }
}

#[actix_web::test]
async fn a_slow_request_keeps_a_session_that_expires_meanwhile() {
    let store = CookieStore::new(idle(HOUR));
    let late = aged(2 * HOUR, 61 * MINUTE);
    let in_flight = load(&CookieStore::new(FOREVER), &late).await.unwrap();
    let updated = update(&store, &late, changed(&in_flight, 2)).await;
    assert_eq!(load_data(&store, &updated).await, Some(numbered(2)));
}

#[actix_web::test]
async fn a_session_that_grows_too_large_is_an_error() {
    let store = CookieStore::new(FOREVER);
    let letters =
        |count: usize| State::from([("large".to_owned(), format!("\"{}\"", "x".repeat(count)))]);
    let key = save(&store, letters(2600)).await;
    assert!(key.as_ref().len() <= 3840);
    let mut grown = load(&store, &key).await.unwrap();
    grown.extend(letters(2800));
    let updated = store.update(same(&key), grown, &TTL).await;
    let Err(UpdateError::Other(cause)) = updated else {
        panic!("{updated:?}")
    };
    let help = "a cookie has room for 3840; keep less in it, or keep sessions in Redis";
    assert!(cause.to_string().contains(help), "{cause}");
    let saved = store.save(letters(2800), &TTL).await;
    assert!(matches!(saved, Err(SaveError::Other(_))));
    assert_eq!(load_data(&store, &key).await, Some(letters(2600)));
}

#[actix_web::test]
async fn keys_of_other_stores_and_broken_keys_are_rejected() {
    let store = CookieStore::new(FOREVER);
    let real = save(&store, numbered(1)).await;
    let real = real.as_ref();
    let (front, base64) = real.split_once('.').unwrap();
    let encode = |json: &str| format!("{front}.{}", BASE64_URL_SAFE_NO_PAD.encode(json));
    let keys = [
        format!("{}.{base64}", unknown().as_ref()),
        format!(".{base64}"),
        format!("{front}."),
        format!("{real}="),
        format!("{real}."),
        real[..real.len() - 4].to_owned(),
        encode(""),
        encode("null"),
        encode(&record(unknown().as_ref())),
        encode(&record(front).replace("CreatedAt", "createdAt")),
        encode(&record(front).replace(r#"{"n":1}"#, "[]")),
        format!("{front}.{}", BASE64_URL_SAFE_NO_PAD.encode(b"\xff")),
        // actix-session's own CookieSessionStore.
        r#"{"n":"1"}"#.to_owned(),
    ];
    for text in keys {
        assert_eq!(load(&store, &key(&text)).await, None, "{text}");
        let updated = store.update(key(&text), numbered(2), &TTL).await;
        assert!(updated.is_err(), "{text}");
    }
}

#[actix_web::test]
async fn reading_gives_a_new_cookie_after_a_tenth_of_the_timeout() {
    let site = site(CookieStore::new(idle(HOUR))).await;
    for (given, renewed) in [
        (2 * MINUTE, false),
        (10 * MINUTE, true),
        (59 * MINUTE, true),
    ] {
        let old = aged(2 * HOUR, given);
        let mut visitor = Visitor::of(old.as_ref());
        assert_eq!(visitor.get(&site, "/").await["n"], 1);
        let now = key(&visitor.id().unwrap());
        assert_eq!(now != old, renewed, "given {given:?} ago");
        for field in ["ID", "CreatedAt"] {
            assert_eq!(read(&now)[field], read(&old)[field]);
        }
        visitor.get(&site, "/").await;
        assert_eq!(visitor.id().unwrap(), now.as_ref(), "it is new enough now");
    }
}

#[actix_web::test]
async fn a_visitor_with_an_expired_session_begins_another() {
    for limits in [idle(HOUR), absolute(HOUR)] {
        let site = site(CookieStore::new(limits)).await;
        let old = aged(2 * HOUR, 61 * MINUTE);
        let mut visitor = Visitor::of(old.as_ref());
        assert_eq!(visitor.get(&site, "/").await["n"], Value::Null);
        visitor.get(&site, "/count").await;
        assert_eq!(visitor.get(&site, "/").await["n"], 0);
        assert_ne!(id(&visitor.id().unwrap()), id(old.as_ref()));
    }
}
