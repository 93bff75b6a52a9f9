//! Login, logout, and the ID.

use serde_json::json;

use crate::support::{Visitor, assert_seen};

#[actix_web::test]
async fn another_users_login_removes_the_entries() {
    let mut visitor = Visitor::new().await;
    visitor.get("log-in=alice+set=a").await;
    visitor.get("set=n+log-in=bob+set=b").await;
    let seen = visitor.get("show").await;
    assert_seen(
        &seen,
        &json!({ "user": "bob", "a": null, "n": null, "b": 1 }),
    );
}

#[actix_web::test]
async fn a_logout_ends_the_session_for_requests_in_flight() {
    let mut visitor = Visitor::new().await;
    visitor.get("log-in=alice+set=a").await;
    let (mut leaving, mut slow) = (visitor.clone(), visitor.clone());
    futures_util::future::join(
        slow.get("yield+yield+yield+set=b"),
        leaving.get("log-out+set=a"),
    )
    .await;
    let seen = visitor.get("show").await;
    assert_seen(&seen, &json!({ "user": null, "a": null, "b": null }));
}

#[actix_web::test]
async fn the_last_of_login_and_logout_counts() {
    let mut visitor = Visitor::new().await;
    visitor.get("log-in=alice+set=a").await;
    visitor.get("log-out+log-in=alice").await;
    let seen = visitor.get("show").await;
    assert_seen(&seen, &json!({ "user": "alice", "a": null }));
    visitor.get("log-in=alice+log-out").await;
    assert_eq!(visitor.cookie, None);
}

#[actix_web::test]
async fn rotate_id_changes_the_id_and_nothing_else() {
    let mut visitor = Visitor::new().await;
    visitor.get("log-in=alice+set=a").await;
    let before = visitor.get("show").await;
    let mut old = visitor.clone();
    visitor.get("rotate").await;
    assert_ne!(visitor.id(), old.id());
    assert_eq!(visitor.get("show").await, before);
    assert_eq!(old.get("show").await["user"], json!(null));
}
