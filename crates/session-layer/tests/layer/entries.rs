//! Reading and changing entries.

use serde_json::json;
use session_layer::{Session, SessionError};

use crate::support::{Visitor, assert_seen, count_up};

#[actix_web::test]
async fn entries_are_set_removed_and_cleared() {
    let mut visitor = Visitor::new().await;
    let cases = [
        ("set=a+set=b", [Some(1), Some(1)]),
        ("show", [Some(1), Some(1)]),
        ("remove=a", [None, Some(1)]),
        ("clear+set=a", [Some(1), None]),
        ("show", [Some(1), None]),
        ("set=b+clear", [None, None]),
        ("show", [None, None]),
    ];
    for (steps, [a, b]) in cases {
        let seen = visitor.get(steps).await;
        let seen = [seen["a"].as_u64(), seen["b"].as_u64()];
        assert_eq!(seen, [a, b], "{steps}");
    }
}

#[actix_web::test]
async fn requests_at_once_keep_each_others_entries() {
    let mut visitor = Visitor::new().await;
    visitor.get("set=n").await;
    let (mut one, mut other) = (visitor.clone(), visitor.clone());
    futures_util::future::join(
        one.get("set=a+yield+yield"),
        other.get("yield+set=b+remove=n"),
    )
    .await;
    let seen = visitor.get("show").await;
    assert_seen(&seen, &json!({ "a": 1, "b": 1, "n": null }));
}

#[actix_web::test]
async fn a_session_for_tests_needs_no_server() {
    let session = Session::for_test();
    session.insert("a", "text").unwrap();
    assert_eq!(session.get("a").unwrap(), Some("text".to_owned()));
    let wrong = session.get::<u64>("a").unwrap_err();
    assert!(matches!(wrong, SessionError::Entry { name, .. } if name == "a"));
    assert_eq!(session.log_id(), "-");
    for n in 1..3 {
        assert_eq!(session.update("n", count_up).await.unwrap(), n);
    }
    let id = session.id().unwrap().to_string();
    assert_eq!(session.log_id(), id[..8]);
    session.log_in("alice");
    assert_eq!(session.user().as_deref(), Some("alice"));
}
