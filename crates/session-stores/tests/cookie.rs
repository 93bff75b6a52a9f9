//! What [`session_stores::CookieStore`] promises beyond the contract, and what it can't promise.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

use std::time::Duration;

use actix_session::storage::{SaveError, SessionStore, UpdateError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use common::{
    FOREVER, TTL, absolute, data, handled, idle,
    in_cookie::{aged, id, read},
    key, load, numbered, record, same,
    site::{Visitor, site},
    times, unknown,
};
use serde_json::{Value, json};
use session_stores::{CookieStore, State, Timeout, Timeouts};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

#[actix_web::test]
async fn the_cookie_is_the_id_and_the_documented_json_for_everybody_to_read() {
    let store = CookieStore::new(FOREVER);
    let state = State::from([("name".to_owned(), r#""Ada""#.to_owned())]);
    let key = store
        .save(
            handled(state, |session| session_stores::sign_in(session, "alice")),
            &TTL,
        )
        .await
        .unwrap();
    let shown = read(&key);
    let names: Vec<_> = shown
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt", "User"]
    );
    assert_eq!(
        (&shown["ID"], &shown["Data"], &shown["User"]),
        (
            &json!(id(key.as_ref())),
            &json!({"name": "Ada"}),
            &json!("alice")
        )
    );
    assert!(
        key.as_ref()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)),
        "no cookie has to encode it"
    );
}

#[actix_web::test]
async fn a_change_is_another_cookie_of_the_same_id_age_and_user() {
    let store = CookieStore::new(FOREVER);
    let old = store
        .save(
            handled(numbered(1), |session| {
                session_stores::sign_in(session, "alice")
            }),
            &TTL,
        )
        .await
        .unwrap();
    let mut state = load(&store, &old).await.unwrap();
    let began = times(&state);
    state.extend(numbered(2));
    // The second time without the reserved entry, as `Session::clear()` leaves it.
    for state in [state, numbered(2)] {
        let new = store.update(same(&old), state, &TTL).await.unwrap();
        assert_eq!(id(new.as_ref()), id(old.as_ref()));
        let found = load(&store, &new).await.unwrap();
        assert_eq!(
            (times(&found), data(found), &read(&new)["User"]),
            (began, numbered(2), &json!("alice"))
        );
    }
}

#[actix_web::test]
async fn an_old_cookie_is_what_it_was_until_its_timeouts_are_over_whatever_has_been_done_since() {
    let store = CookieStore::new(FOREVER);
    let kept = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &kept).await.unwrap();
    store.update(same(&kept), numbered(2), &TTL).await.unwrap();
    store
        .update(
            same(&kept),
            handled(state.clone(), session_stores::renew),
            &TTL,
        )
        .await
        .unwrap();
    store.delete(&kept).await.unwrap();
    assert_eq!(load(&store, &kept).await, Some(state), "nobody can end it");

    let limits = Timeouts {
        idle: Timeout(Some(HOUR)),
        absolute: Timeout(Some(4 * HOUR)),
    };
    for (began, given, lives) in [
        (HOUR / 2, HOUR / 2, true),
        (3 * HOUR, 50 * MINUTE, true),
        (2 * HOUR, 61 * MINUTE, false),
        (5 * HOUR, MINUTE, false),
    ] {
        let replayed = aged(began, given);
        let store = CookieStore::new(limits);
        let found = load(&store, &replayed).await;
        assert_eq!(
            found.is_some(),
            lives,
            "began {began:?} and given {given:?} ago"
        );
        let answer = store
            .update(same(&replayed), found.unwrap_or_default(), &TTL)
            .await
            .unwrap();
        assert_eq!(
            load(&store, &answer).await.is_some(),
            lives,
            "a change keeps it alive, or doesn't revive it"
        );
    }
}

#[actix_web::test]
async fn a_slow_request_does_not_lose_the_session_that_was_in_time_for_it() {
    let store = CookieStore::new(idle(HOUR));
    let late = aged(2 * HOUR, 61 * MINUTE);
    let mut in_flight = load(&CookieStore::new(FOREVER), &late).await.unwrap();
    in_flight.extend(numbered(2));
    let answer = store.update(late, in_flight, &TTL).await.unwrap();
    assert_eq!(load(&store, &answer).await.map(data), Some(numbered(2)));
}

#[actix_web::test]
async fn a_session_that_grows_too_large_is_an_error_with_the_way_out_and_nothing_is_lost() {
    let store = CookieStore::new(FOREVER);
    let letters =
        |count: usize| State::from([("large".to_owned(), format!("\"{}\"", "x".repeat(count)))]);
    let key = store.save(letters(2600), &TTL).await.unwrap();
    assert!(key.as_ref().len() <= 3840);
    let mut grown = load(&store, &key).await.unwrap();
    grown.extend(letters(2800));
    let updated = store.update(same(&key), grown, &TTL).await;
    let Err(UpdateError::Other(cause)) = updated else {
        panic!("{updated:?}")
    };
    assert!(
        cause
            .to_string()
            .contains("keep less in it, or keep sessions in Redis"),
        "{cause}"
    );
    assert!(matches!(
        store.save(letters(2800), &TTL).await,
        Err(SaveError::Other(_))
    ));
    assert_eq!(load(&store, &key).await.map(data), Some(letters(2600)));
}

#[actix_web::test]
async fn what_is_not_a_session_of_this_store_is_refused() {
    let store = CookieStore::new(FOREVER);
    let real = store.save(numbered(1), &TTL).await.unwrap();
    let (front, sealed) = real.as_ref().split_once('.').unwrap();
    let seal = |json: &str| format!("{front}.{}", BASE64_URL_SAFE_NO_PAD.encode(json));
    let keys = [
        format!("{}.{sealed}", unknown().as_ref()),
        format!(".{sealed}"),
        format!("{front}."),
        format!("{real}=", real = real.as_ref()),
        format!("{real}.", real = real.as_ref()),
        real.as_ref()[..real.as_ref().len() - 4].to_owned(),
        seal(""),
        seal("null"),
        seal(&record(unknown().as_ref())),
        seal(&record(front).replace("CreatedAt", "createdAt")),
        seal(&record(front).replace(r#"{"n":1}"#, "[]")),
        format!("{front}.{}", BASE64_URL_SAFE_NO_PAD.encode(b"\xff")),
        // actix-session's own CookieSessionStore.
        r#"{"n":"1"}"#.to_owned(),
    ];
    for text in keys {
        assert_eq!(load(&store, &key(&text)).await, None, "{text}");
        assert!(
            store.update(key(&text), numbered(2), &TTL).await.is_err(),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn a_visitor_who_only_reads_is_given_the_cookie_anew_once_a_tenth_of_the_idle_timeout_is_over()
 {
    let site = site(CookieStore::new(idle(HOUR))).await;
    for (given, anew) in [
        (2 * MINUTE, false),
        (10 * MINUTE, true),
        (59 * MINUTE, true),
    ] {
        let old = aged(2 * HOUR, given);
        let mut visitor = Visitor::of(old.as_ref());
        assert_eq!(visitor.get(&site, "/").await["n"], 1);
        let now = key(&visitor.id().unwrap());
        assert_eq!(now != old, anew, "given {given:?} ago");
        assert_eq!(
            (&read(&now)["ID"], &read(&now)["CreatedAt"]),
            (&read(&old)["ID"], &read(&old)["CreatedAt"])
        );
        visitor.get(&site, "/").await;
        assert_eq!(visitor.id().unwrap(), now.as_ref(), "it is fresh now");
    }
}

#[actix_web::test]
async fn a_visitor_whose_session_is_over_begins_another() {
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
