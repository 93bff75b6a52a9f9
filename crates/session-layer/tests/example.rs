//! The application in the documents: it is the example `login`, and it does what they promise.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::{fs, process::Command};

use testkit::{Instance, Persistence, Redis, TestEnv, Visitor, binary, root};

const EXAMPLE: &str = include_str!("../examples/login.rs");

#[actix_web::test]
async fn a_logout_ends_the_session_for_a_copied_cookie() {
    let env = TestEnv::new().unwrap();
    let redis = Redis::start(&env, Persistence::None).await.unwrap();
    let settings = [("REDIS_URL", &*redis.url())];
    let program = Command::new(binary("login").unwrap());
    let server = Instance::of(&env, program, "login", &settings);
    let mut server = server.unwrap();
    server.start().await.unwrap();
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
        let program = Command::new(binary("login").unwrap());
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
        let output = Command::new(binary(example).unwrap()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed);
    }
}
