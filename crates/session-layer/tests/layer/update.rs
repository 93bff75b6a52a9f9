//! Changing one entry atomically.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use actix_web::http::StatusCode;
use futures_util::future::join;
use serde_json::json;
use session_layer::{Counters, Options};

use crate::support::{Visitor, assert_seen, memory};

#[actix_web::test]
async fn updates_at_once_get_different_numbers() {
    let counters = Arc::new(Counters::default());
    let mut options = Options::default();
    options.counters = Arc::clone(&counters);
    let mut visitor = Visitor::of(memory(), options).await;
    visitor.get("set=a").await;
    let mut other = visitor.clone();
    // Each request loads the session before the first one writes.
    let (one, two) = join(visitor.get("yield+count"), other.get("yield+count")).await;
    assert_eq!([&one["n"], &two["n"]], [1, 2]);
    assert_eq!(counters.conflicts.load(Relaxed), 1);
    assert_eq!(counters.retries.load(Relaxed), 1);
}

#[actix_web::test]
async fn an_update_begins_a_session_and_sees_earlier_changes() {
    let mut visitor = Visitor::new().await;
    assert_eq!(visitor.get("set=n+count+set=a").await["n"], 2);
    let seen = visitor.get("count+remove=a").await;
    assert_eq!(seen["n"], 3);
    let seen = visitor.get("show").await;
    assert_seen(&seen, &json!({ "n": 3, "a": null }));
}

#[actix_web::test]
async fn an_update_counts_from_nothing_after_a_removal() {
    for (removal, other) in [("remove=n", json!(1)), ("clear", json!(null))] {
        let mut visitor = Visitor::new().await;
        assert_eq!(visitor.get("set=a+set=n+count").await["n"], 2);
        let seen = visitor.get(&format!("{removal}+count")).await;
        assert_eq!(seen["n"], 1, "{removal}");
        let seen = visitor.get("show").await;
        assert_seen(&seen, &json!({ "n": 1, "a": other }));
    }
}

#[actix_web::test]
async fn an_update_of_an_ended_session_is_refused() {
    let mut visitor = Visitor::new().await;
    visitor.get("set=n").await;
    let (mut leaving, mut slow) = (visitor.clone(), visitor.clone());
    let (late, _) = join(slow.send("yield+yield+yield+count"), leaving.get("log-out")).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let own = visitor.send("log-out+count").await;
    assert_eq!(own.status(), StatusCode::CONFLICT);
}
