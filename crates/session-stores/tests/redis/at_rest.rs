//! What lies in Redis.

use std::time::Duration;

use actix_session::storage::SessionStore;
use serde_json::{Value, json};
use session_stores::{RedisStore, Timeout, Timeouts, redis::Options};
use time::OffsetDateTime;

use super::support::{name, options, pttl, redis, store};
use crate::common::{FOREVER, TTL, data, idle, load, numbered, record, same, unknown};

const HOUR: i64 = 3_600_000;
const TEN_MINUTES: i64 = 600_000;

#[actix_web::test]
async fn redis_cli_shows_a_session_as_json_with_five_fields() {
    let redis = redis().await;
    let key = store(&redis, FOREVER)
        .await
        .save(numbered(3), &TTL)
        .await
        .unwrap();
    let shown: Value = serde_json::from_str(&redis.cli(&["GET", &name(&key)]).unwrap()).unwrap();
    assert_eq!(
        (&shown["ID"], &shown["Data"]),
        (&json!(key.as_ref()), &json!({"n": 3}))
    );
    let names: Vec<_> = shown
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt"]);
    assert_eq!(redis.cli(&["DBSIZE"]).unwrap(), "1", "a session is one key");
}

#[actix_web::test]
async fn another_prefix_or_another_database_is_another_world() {
    let redis = redis().await;
    let ours = store(&redis, FOREVER).await;
    let prefixed = RedisStore::connect(Options {
        session_prefix: "other:".to_owned(),
        ..options(&redis.url())
    })
    .await
    .unwrap();
    let elsewhere = RedisStore::connect(options(&format!("{}/3", redis.url())))
        .await
        .unwrap();
    let key = ours.save(numbered(1), &TTL).await.unwrap();
    for other in [&prefixed, &elsewhere] {
        assert_eq!(load(other, &key).await, None);
        other.update(same(&key), numbered(2), &TTL).await.unwrap();
        other.delete(&key).await.unwrap();
    }
    assert_eq!(load(&ours, &key).await.map(data), Some(numbered(1)));
    let theirs = (
        prefixed.save(numbered(2), &TTL).await.unwrap(),
        elsewhere.save(numbered(3), &TTL).await.unwrap(),
    );
    assert_eq!(
        redis
            .cli(&["EXISTS", &format!("other:{}", theirs.0.as_ref())])
            .unwrap(),
        "1"
    );
    assert_eq!(
        redis.cli(&["-n", "3", "EXISTS", &name(&theirs.1)]).unwrap(),
        "1"
    );
    assert_eq!(
        (load(&ours, &theirs.0).await, load(&ours, &theirs.1).await),
        (None, None)
    );
}

#[actix_web::test]
async fn without_timeouts_a_key_does_not_expire() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    assert_eq!(pttl(&redis, &key), -1);
    let state = load(&store, &key).await.unwrap();
    store.update(same(&key), state, &TTL).await.unwrap();
    assert_eq!(pttl(&redis, &key), -1);
}

#[actix_web::test]
async fn saving_loading_and_changing_each_renew_the_ttl() {
    let redis = redis().await;
    let store = store(&redis, idle(Duration::from_secs(3600))).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let renewed = |by: &str| {
        let left = pttl(&redis, &key);
        assert!(
            (HOUR / 2..=HOUR).contains(&left),
            "{left} ms are left after {by}"
        );
        redis.cli(&["EXPIRE", &name(&key), "600"]).unwrap();
    };
    renewed("save");
    let state = load(&store, &key).await.unwrap();
    renewed("load");
    store.update(same(&key), state, &TTL).await.unwrap();
    renewed("update");
    store.update_ttl(&key, &TTL).await.unwrap();
    assert!(
        pttl(&redis, &key) <= TEN_MINUTES,
        "update_ttl leaves it to load"
    );
}

#[actix_web::test]
async fn at_writes_the_absolute_timeout_bounds_the_ttl() {
    let redis = redis().await;
    let limit = |millis: i64| Timeout(Some(Duration::from_millis(millis.unsigned_abs())));
    let store = store(
        &redis,
        Timeouts {
            idle: limit(HOUR),
            absolute: limit(TEN_MINUTES),
        },
    )
    .await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    assert!((1..=TEN_MINUTES).contains(&pttl(&redis, &key)));
    let state = load(&store, &key).await.unwrap();
    store.update(same(&key), state, &TTL).await.unwrap();
    assert!((1..=TEN_MINUTES).contains(&pttl(&redis, &key)));

    // Nine minutes old: one is left, for a change and for a renewal.
    let old = unknown();
    let began = (OffsetDateTime::now_utc() - Duration::from_secs(540))
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap();
    redis
        .cli(&[
            "SET",
            &name(&old),
            &record(old.as_ref()).replace("2026-01-01T10:00:00Z", &began),
        ])
        .unwrap();
    let state = load(&store, &old).await.unwrap();
    store.update(same(&old), state.clone(), &TTL).await.unwrap();
    let renewed = store.save(state, &TTL).await.unwrap();
    for key in [&old, &renewed] {
        let left = pttl(&redis, key);
        assert!((1..=TEN_MINUTES / 10).contains(&left), "{left} ms are left");
    }
}

#[actix_web::test]
async fn a_session_past_its_absolute_timeout_is_removed_when_it_is_met() {
    let redis = redis().await;
    let store = store(&redis, crate::common::absolute(Duration::from_secs(60))).await;
    let old = unknown();
    redis
        .cli(&["SET", &name(&old), &record(old.as_ref())])
        .unwrap();
    assert_eq!(load(&store, &old).await, None);
    assert_eq!(pttl(&redis, &old), -2);
}

#[actix_web::test]
async fn a_key_of_another_type_is_malformed_as_well() {
    let redis = redis().await;
    for timeouts in [FOREVER, idle(Duration::from_secs(60))] {
        let store = store(&redis, timeouts).await;
        let key = unknown();
        redis.cli(&["RPUSH", &name(&key), "one", "two"]).unwrap();
        assert_eq!(load(&store, &key).await, None);
        store.update(same(&key), numbered(1), &TTL).await.unwrap();
        assert_eq!(
            redis.cli(&["LRANGE", &name(&key), "0", "-1"]).unwrap(),
            "one\ntwo"
        );
    }
}
