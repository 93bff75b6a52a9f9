//! The examples. The application in the documents is `login`.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::{fs, process::Command};

use testkit::{Instance, Persistence, Redis, TestEnv, Visitor, root};

const EXAMPLE: &str = include_str!("../examples/login.rs");

async fn start(example: &str) -> (Redis, Instance) {
    let env = TestEnv::new().unwrap();
    let redis = Redis::start(&env, Persistence::None).await.unwrap();
    let program = Command::new(testkit::example(example).unwrap());
    let settings = [("REDIS_URL", &*redis.url())];
    let mut server = Instance::of(&env, program, example, &settings).unwrap();
    server.start().await.unwrap();
    (redis, server)
}

#[actix_web::test]
async fn a_logout_ends_the_session_for_a_copied_cookie() {
    let (_redis, server) = start("login").await;
    let (endpoint, mut alice) = (server.endpoint(), Visitor::new());

    let hello = alice.get(&endpoint, "/").await.unwrap();
    assert_eq!(hello.body, "Hello stranger\n");
    let login = alice.post(&endpoint, "/login/alice", "").await.unwrap();
    assert_eq!(login.status, 200);
    let mut copy = alice.copied().unwrap();
    for visitor in [&mut alice, &mut copy] {
        let hello = visitor.get(&endpoint, "/").await.unwrap();
        assert_eq!(hello.body, "Hello alice\n");
    }

    alice.post(&endpoint, "/logout", "").await.unwrap();
    assert!(alice.cookie().is_none());
    let hello = copy.get(&endpoint, "/").await.unwrap();
    assert_eq!(hello.body, "Hello stranger\n");
}

#[actix_web::test]
async fn the_shop_serves_its_front_page_without_redis() {
    let (mut redis, server) = start("shop").await;
    let (endpoint, mut alice, mut other) = (server.endpoint(), Visitor::new(), Visitor::new());
    for visitor in [&mut alice, &mut other] {
        visitor.post(&endpoint, "/login/alice", "").await.unwrap();
    }

    let path = "/account/log-out-elsewhere";
    let ended = alice.post(&endpoint, path, "").await.unwrap();
    assert_eq!(ended.body, "1 other sessions have ended\n");
    for (visitor, status) in [(&mut alice, 200), (&mut other, 401)] {
        let account = visitor.get(&endpoint, "/account").await.unwrap();
        assert_eq!(account.status, status);
    }

    redis.stop().await.unwrap();
    for (path, status) in [("/account", 503), ("/", 200)] {
        let response = alice.get(&endpoint, path).await.unwrap();
        assert_eq!(response.status, status, "{path}");
    }
}

/// `main` returns the errors as they are.
#[actix_web::test]
async fn a_start_that_fails_is_explained() {
    let env = TestEnv::new().unwrap();
    for (setting, message) in [
        (
            ("REDIS_URL", "redis://127.0.0.1:1"),
            "Error: cannot reach Redis at 127.0.0.1:1: connection refused",
        ),
        (
            ("SESSION_KEY", "short"),
            "Error: the secret that signs cookies has 5 bytes and needs at least 32",
        ),
    ] {
        let program = Command::new(testkit::example("login").unwrap());
        let mut server = Instance::of(&env, program, "login", &[setting]).unwrap();
        let error = format!("{:#}", server.start().await.unwrap_err());
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn the_documents_show_the_example() {
    for document in ["README.md", "crates/session-layer/README.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let shown = text.contains(&format!("\n{EXAMPLE}```"));
        assert!(
            shown,
            "{document} shows another program than examples/login.rs"
        );
    }
}

#[tokio::test]
async fn the_examples_of_the_stores_run() {
    for (example, printed) in [
        ("counter", "visits: 1, 2, 3\n"),
        ("own_store", "user: alice\nafter the logout: false\n"),
    ] {
        let output = Command::new(testkit::example(example).unwrap())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed);
    }
}
