//! The start: what is wrong is said so that it can be mended, and never with a password in it.

use std::time::{Duration, Instant};

use session_stores::{RedisStore, RedisStoreError, redis::Options};
use testkit::{Persistence, Redis, TestEnv};

use super::support::{options, redis};
use crate::common::{TTL, load, numbered};
use actix_session::storage::SessionStore;

const SECRET: &str = "hunter2";

async fn refused(options: Options) -> (RedisStoreError, String) {
    let shown = format!("{options:?}");
    let error = RedisStore::connect(options).await.unwrap_err();
    let text = error.to_string();
    for shown in [shown, format!("{error:?}"), text.clone()] {
        assert!(!shown.contains(SECRET), "the password is in {shown}");
    }
    (error, text)
}

async fn with_password(password: &str) -> Redis {
    Redis::start_with(
        &TestEnv::new().unwrap(),
        Persistence::None,
        Some(password),
        &[],
    )
    .await
    .unwrap()
}

#[actix_web::test]
async fn nobody_there_says_where_and_how_to_start_one() {
    let mut redis = redis().await;
    redis.stop().await.unwrap();
    let (error, text) = refused(options(&format!("redis://:{SECRET}@{}", redis.address()))).await;
    assert!(
        matches!(error, RedisStoreError::Unreachable { .. }),
        "{error:?}"
    );
    for part in [
        redis.address().as_str(),
        "refused",
        "redis-server",
        "REDIS_URL",
    ] {
        assert!(text.contains(part), "no {part} in: {text}");
    }
}

#[actix_web::test]
async fn a_missing_password_is_asked_for() {
    let redis = with_password(SECRET).await;
    let (error, text) = refused(options(&format!("redis://{}", redis.address()))).await;
    assert!(
        matches!(error, RedisStoreError::PasswordWanted { .. }),
        "{error:?}"
    );
    assert!(
        text.contains("NOAUTH") && text.contains("REDIS_URL") && text.contains(&redis.address()),
        "{text}"
    );
}

#[actix_web::test]
async fn a_wrong_password_or_user_is_called_that() {
    let redis = with_password("another one").await;
    for user in ["", "somebody"] {
        let (error, text) = refused(options(&format!(
            "redis://{user}:{SECRET}@{}",
            redis.address()
        )))
        .await;
        assert!(
            matches!(error, RedisStoreError::PasswordRefused { .. }),
            "{error:?}"
        );
        assert!(
            text.contains("refused the password") && text.contains(&redis.address()),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn a_password_with_a_slash_works_when_it_is_written_as_percent_2f() {
    let redis = with_password("a/b@c%d:e").await;
    let store = RedisStore::connect(options(&format!(
        "redis://:a%2Fb%40c%25d%3Ae@{}",
        redis.address()
    )))
    .await
    .unwrap();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    assert!(load(&store, &key).await.is_some());
}

#[actix_web::test]
async fn what_is_no_redis_url_is_answered_with_an_example() {
    for url in [
        "",
        "127.0.0.1:6379",
        "http://127.0.0.1",
        "redis://:hunter2/x@127.0.0.1:6379",
        "redis://:hunter2@127.0.0.1:6379/first",
    ] {
        let (error, text) = refused(options(url)).await;
        assert!(matches!(error, RedisStoreError::Url), "{url}: {error:?}");
        assert!(
            text.contains("REDIS_URL")
                && text.contains("redis://:password@127.0.0.1:6379/0")
                && text.contains("%2F"),
            "{text}"
        );
    }
}

#[actix_web::test]
async fn a_redis_without_getex_is_too_old() {
    let arguments = ["--rename-command", "GETEX", ""];
    let redis = Redis::start_with(
        &TestEnv::new().unwrap(),
        Persistence::None,
        None,
        &arguments,
    )
    .await
    .unwrap();
    let (error, text) = refused(options(&redis.url())).await;
    assert!(matches!(error, RedisStoreError::TooOld { .. }), "{error:?}");
    assert!(
        text.contains("6.2") && text.contains(&redis.address()),
        "{text}"
    );
}

#[actix_web::test]
async fn a_database_that_redis_does_not_have_is_named_as_the_reason() {
    let redis = redis().await;
    let (error, text) = refused(options(&format!("{}/99", redis.url()))).await;
    assert!(matches!(error, RedisStoreError::Answer { .. }), "{error:?}");
    assert!(
        text.contains("database") && text.contains(&redis.address()),
        "{text}"
    );
}

#[actix_web::test]
async fn a_frozen_redis_is_not_waited_for_at_the_start() {
    let redis = redis().await;
    redis.freeze().unwrap();
    let start = Instant::now();
    let (error, text) = refused(Options {
        redis_timeout: Duration::from_millis(300),
        ..options(&redis.url())
    })
    .await;
    assert!(
        matches!(error, RedisStoreError::TimedOut { .. }),
        "{error:?}"
    );
    assert!(
        text.contains("300ms") && text.contains(&redis.address()),
        "{text}"
    );
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        start.elapsed()
    );
}

#[actix_web::test]
async fn a_url_for_tls_is_told_apart_from_one_that_is_none() {
    let (error, text) = refused(options("rediss://:hidden-secret@127.0.0.1:6379")).await;
    assert!(matches!(error, RedisStoreError::Tls), "{error:?}");
    assert!(
        text.contains("TLS") && !text.contains("hidden-secret"),
        "{text}"
    );
}

#[actix_web::test]
async fn a_server_that_is_no_redis_is_called_that() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let _ = std::io::Write::write_all(&mut client, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let (error, text) = refused(options(&format!("redis://{address}"))).await;
    assert!(
        matches!(error, RedisStoreError::NotRedis { .. }),
        "{error:?}"
    );
    assert!(
        text.contains(&address) && text.lines().count() == 1,
        "{text}"
    );
}
