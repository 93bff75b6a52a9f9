//! Keys and TTLs in Redis.

use std::time::Duration;

use actix_session::storage::SessionStore;
use session_stores::{RedisStore, redis::Options};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::support::listed;
use crate::common::{
    FOREVER, HOUR, MINUTE, TTL, absolute, begin, both, idle, load, load_data, logged_in, numbered,
    record, save, test_redis::TestRedis, unknown, update,
};

const HOUR_MS: i64 = 3_600_000;
const TEN_MINUTES_MS: i64 = 600_000;

#[actix_web::test]
async fn prefixes_and_databases_separate_sessions_and_users() {
    let redis = TestRedis::own().await;
    let ours = redis.store(FOREVER).await;
    let (key, _) = logged_in(&ours, "alice").await;
    let other_prefix = Options {
        session_prefix: "other:".to_owned(),
        ..redis.options(FOREVER)
    };
    let other_database = Options {
        redis_url: format!("redis://{}/3", redis.address),
        ..redis.options(FOREVER)
    };
    for (options, database, prefix) in [
        (other_prefix, "0", "other:"),
        (other_database, "3", "session:"),
    ] {
        let other = RedisStore::connect(options).await.unwrap();
        assert_eq!(load(&other, &key).await, None);
        assert!(listed(&other, "alice").await.is_empty());
        update(&other, &key, numbered(2)).await;
        other.delete(&key).await.unwrap();
        let theirs = save(&other, numbered(2)).await;
        let name = format!("{prefix}{}", theirs.as_ref());
        assert_eq!(redis.cli(&["-n", database, "EXISTS", &name]), "1");
        assert_eq!(load(&ours, &theirs).await, None);
    }
    assert_eq!(load_data(&ours, &key).await, Some(numbered(1)));
    let found = redis.cli(&["--scan", "--pattern", "session:*"]);
    assert_eq!(found, redis.name(&key), "an index has another name");
}

#[actix_web::test]
async fn without_timeouts_a_key_does_not_expire() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    assert_eq!(redis.pttl(&key), -1);
    update(&store, &key, state).await;
    assert_eq!(redis.pttl(&key), -1);
}

#[actix_web::test]
async fn save_load_and_update_renew_the_ttl() {
    let redis = TestRedis::shared();
    let store = redis.store(idle(HOUR)).await;
    let key = save(&store, numbered(1)).await;
    let renewed = |by: &str| {
        let left = redis.pttl(&key);
        let renewed = (HOUR_MS / 2..=HOUR_MS).contains(&left);
        assert!(renewed, "{left} ms are left after {by}");
        redis.cli(&["EXPIRE", &redis.name(&key), "600"]);
    };
    renewed("save");
    let state = load(&store, &key).await.unwrap();
    renewed("load");
    update(&store, &key, state).await;
    renewed("update");
    store.update_ttl(&key, &TTL).await.unwrap();
    assert!(
        redis.pttl(&key) <= TEN_MINUTES_MS,
        "update_ttl renews nothing"
    );
}

#[actix_web::test]
async fn the_absolute_timeout_limits_the_ttl_at_writes() {
    let redis = TestRedis::shared();
    let store = redis.store(both(HOUR, 10 * MINUTE)).await;
    let key = save(&store, numbered(1)).await;
    assert!((1..=TEN_MINUTES_MS).contains(&redis.pttl(&key)));
    let state = load(&store, &key).await.unwrap();
    update(&store, &key, state).await;
    assert!((1..=TEN_MINUTES_MS).contains(&redis.pttl(&key)));

    // The session began nine minutes ago. A change and a renewal both leave one minute.
    let old = unknown();
    let start = OffsetDateTime::now_utc() - Duration::from_secs(540);
    let start = start.format(&Rfc3339).unwrap();
    let record = record(old.as_ref()).replace("2026-01-01T10:00:00Z", &start);
    redis.cli(&["SET", &redis.name(&old), &record]);
    let state = load(&store, &old).await.unwrap();
    update(&store, &old, state.clone()).await;
    let renewed = save(&store, state).await;
    for key in [&old, &renewed] {
        let left = redis.pttl(key);
        assert!((1..=TEN_MINUTES_MS / 10).contains(&left), "{left} ms");
    }
}

#[actix_web::test]
async fn a_load_removes_a_session_past_its_absolute_timeout() {
    let redis = TestRedis::shared();
    let store = redis.store(absolute(MINUTE)).await;
    let old = unknown();
    redis.cli(&["SET", &redis.name(&old), &record(old.as_ref())]);
    assert_eq!(load(&store, &old).await, None);
    assert_eq!(redis.pttl(&old), -2);
}

#[actix_web::test]
async fn a_key_of_another_type_is_malformed() {
    let redis = TestRedis::shared();
    for timeouts in [FOREVER, idle(MINUTE)] {
        let store = redis.store(timeouts).await;
        let key = unknown();
        redis.cli(&["RPUSH", &redis.name(&key), "one", "two"]);
        assert_eq!(load(&store, &key).await, None);
        update(&store, &key, numbered(1)).await;
        let list = redis.cli(&["LRANGE", &redis.name(&key), "0", "-1"]);
        assert_eq!(list, "one\ntwo");
    }
}
