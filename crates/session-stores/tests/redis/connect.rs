//! Connecting at the start. Each error says what is wrong, and none contains a password.

use std::{
    io::Write,
    net::TcpListener,
    time::{Duration, Instant},
};

use session_stores::{RedisStore, RedisStoreError as Error, redis::Options};
use testkit::{Persistence, Redis, TestEnv};

use crate::common::{FOREVER, load, numbered, save, test_redis::TestRedis};

const SECRET: &str = "hunter2";

/// Connects in vain, and returns the error. Its message must contain all `parts`.
async fn refused(options: Options, parts: &[&str]) -> Error {
    let shown = format!("{options:?}");
    let error = RedisStore::connect(options).await.unwrap_err();
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "no {part} in: {text}");
    }
    for shown in [shown, format!("{error:?}"), text] {
        assert!(!shown.contains(SECRET), "the password is in {shown}");
    }
    error
}

fn at(url: &str) -> Options {
    Options {
        redis_url: url.to_owned(),
        redis_timeout: Duration::from_secs(10),
        ..Options::default()
    }
}

async fn redis(password: Option<&str>, arguments: &[&str]) -> Redis {
    let env = TestEnv::new().unwrap();
    let redis = Redis::start_with(&env, Persistence::None, password, arguments);
    redis.await.unwrap()
}

#[actix_web::test]
async fn a_missing_redis_is_named_with_the_way_to_start_one() {
    let mut redis = TestRedis::own().await;
    redis.server_mut().stop().await.unwrap();
    let options = at(&format!("redis://:{SECRET}@{}", redis.address));
    let parts = [&*redis.address, "refused", "redis-server", "REDIS_URL"];
    let error = refused(options, &parts).await;
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[actix_web::test]
async fn a_missing_or_wrong_password_is_reported() {
    let redis = redis(Some("a/b@c%d:e"), &[]).await;
    let address = redis.address();
    let missing = at(&format!("redis://{address}"));
    let error = refused(missing, &["NOAUTH", "REDIS_URL", &address]).await;
    assert!(matches!(error, Error::PasswordWanted { .. }), "{error:?}");
    for user in ["", "somebody"] {
        let wrong = at(&format!("redis://{user}:{SECRET}@{address}"));
        let error = refused(wrong, &["refused the password", &address]).await;
        assert!(matches!(error, Error::PasswordRefused { .. }), "{error:?}");
    }
    let right = at(&format!("redis://:a%2Fb%40c%25d%3Ae@{address}"));
    let store = RedisStore::connect(right).await.unwrap();
    let key = save(&store, numbered(1)).await;
    assert!(load(&store, &key).await.is_some());
}

#[actix_web::test]
async fn a_malformed_url_is_rejected_with_an_example() {
    for url in [
        "",
        "127.0.0.1:6379",
        "http://127.0.0.1",
        "redis://:hunter2/x@127.0.0.1:6379",
        "redis://:hunter2@127.0.0.1:6379/first",
        "redis://:hunter2@:port",
        "hunter2",
    ] {
        let example = "redis://:password@127.0.0.1:6379/0";
        let error = refused(at(url), &["REDIS_URL", example, "%2F"]).await;
        assert!(matches!(error, Error::Url), "{url}: {error:?}");
    }
    let error = refused(at("rediss://:hunter2@127.0.0.1:6379"), &["TLS"]).await;
    assert!(matches!(error, Error::Tls), "{error:?}");
}

#[actix_web::test]
async fn a_redis_without_getex_is_too_old() {
    let redis = redis(None, &["--rename-command", "GETEX", ""]).await;
    let error = refused(at(&redis.url()), &["6.2", &redis.address()]).await;
    assert!(matches!(error, Error::TooOld { .. }), "{error:?}");
}

#[actix_web::test]
async fn a_missing_database_is_reported() {
    let redis = TestRedis::shared();
    let options = at(&format!("redis://{}/99", redis.address));
    let error = refused(options, &["database", &redis.address]).await;
    assert!(matches!(error, Error::Answer { .. }), "{error:?}");
}

#[actix_web::test]
async fn connecting_to_a_frozen_redis_fails_in_time() {
    let redis = TestRedis::own().await;
    redis.server().freeze().unwrap();
    let start = Instant::now();
    let options = Options {
        redis_timeout: Duration::from_millis(300),
        ..redis.options(FOREVER)
    };
    let error = refused(options, &["300ms", &redis.address]).await;
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[actix_web::test]
async fn a_server_that_is_not_redis_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let error = refused(at(&format!("redis://{address}")), &[&address]).await;
    assert!(matches!(error, Error::NotRedis { .. }), "{error:?}");
    assert_eq!(error.to_string().lines().count(), 1);
}
