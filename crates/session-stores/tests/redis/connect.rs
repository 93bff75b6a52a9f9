//! Connecting at the start. Each error names what is wrong, and none contains a password.

use std::{
    io::Write,
    net::TcpListener,
    time::{Duration, Instant},
};

use session_stores::{RedisStore, redis::Options};
use testkit::Persistence;

use super::support::loaded;
use crate::common::test_redis::{TestRedis, start};

const SECRET: &str = "hunter2";

/// Connects in vain. The message of the error must be one line with all `parts`. A `main` that returns the error must
/// show the same message.
async fn refused(options: Options, parts: &[&str]) {
    let shown = format!("{options:?}");
    let error = RedisStore::connect(options).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "no {part} in: {text}");
    }
    assert_eq!(format!("{error:?}"), text);
    for shown in [shown, text] {
        assert!(!shown.contains(SECRET), "the password is in {shown}");
    }
}

fn at(url: &str) -> Options {
    let mut options = Options::new(url);
    options.timeout = Duration::from_secs(10);
    options
}

#[tokio::test]
async fn a_missing_redis_is_named() {
    let mut redis = TestRedis::own().await;
    redis.server_mut().stop().await.unwrap();
    let options = at(&format!("redis://:{SECRET}@{}", redis.address));
    let parts = [&*redis.address, "refused"];
    refused(options, &parts).await;
}

#[tokio::test]
async fn a_missing_or_wrong_password_is_reported() {
    let redis = start(Persistence::None, Some("a/b@c%d:e"), &[]).await;
    let address = redis.address();
    let missing = at(&format!("redis://{address}"));
    refused(missing, &["NOAUTH", &address]).await;
    for user in ["", "somebody"] {
        let wrong = at(&format!("redis://{user}:{SECRET}@{address}"));
        refused(wrong, &["refused the password", &address]).await;
    }
    let right = at(&format!("redis://:a%2Fb%40c%25d%3Ae@{address}"));
    loaded(&RedisStore::connect(right).await.unwrap()).await;
}

#[tokio::test]
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
        let forms = ["redis://user:password@", "rediss://", "redis+unix:///"];
        refused(at(url), &[&forms[..], &["%2F"]].concat()).await;
    }
    let shown = "http://…@127.0.0.1:6380";
    refused(at("http://:hunter2@127.0.0.1:6380"), &[shown]).await;
}

/// Its version then stays unknown, as on some hosted services.
#[tokio::test]
async fn a_user_who_may_not_ask_for_information_can_connect() {
    let redis = TestRedis::own().await;
    let rules = ["on", ">secret", "~*", "+@all", "-info"];
    redis.cli(&[&["ACL", "SETUSER", "app"], &rules[..]].concat());
    let url = format!("redis://app:secret@{}", redis.address);
    loaded(&RedisStore::connect(at(&url)).await.unwrap()).await;
}

#[tokio::test]
async fn a_missing_database_is_reported() {
    let redis = TestRedis::shared();
    let options = at(&format!("redis://{}/99", redis.address));
    refused(options, &["database", &redis.address]).await;
}

#[tokio::test]
async fn connecting_to_a_frozen_redis_fails_in_time() {
    let redis = TestRedis::own().await;
    redis.server().freeze().unwrap();
    let start = Instant::now();
    let mut options = at(&format!("redis://{}", redis.address));
    options.timeout = Duration::from_millis(300);
    refused(options, &["300ms", &redis.address]).await;
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_server_that_is_not_redis_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let not_redis = at(&format!("redis://{address}"));
    refused(not_redis, &["is not Redis", &address]).await;
}
