//! The responses for failures of the store.

use std::{
    env, fs,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::SET_COOKIE},
    test::read_body,
};
use serde_json::json;
use session_layer::{Counters, Options};
use session_stores::{FileStore, Timeouts};
use uuid::Uuid;

use crate::support::{RUNS, Visitor, assert_seen};

#[actix_web::test]
async fn a_store_that_fails_is_503_without_a_cookie() {
    let folder = env::temp_dir().join(Uuid::new_v4().to_string());
    let store = FileStore::open(folder.clone(), Timeouts::default()).await;
    let counters = Arc::new(Counters::default());
    let mut options = Options::default();
    options.counters = Arc::clone(&counters);
    options.error_response =
        |status, text| HttpResponse::build(status).body(format!("own: {text}"));
    let mut visitor = Visitor::of(store.unwrap(), options).await;
    fs::remove_dir_all(folder).unwrap();
    let response = visitor.send("set=a").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get("retry-after").unwrap(), "1");
    assert_eq!(response.headers().get(SET_COOKIE), None);
    let expected = "own: the session store is not available; try again in a moment";
    assert_eq!(read_body(response).await, expected);
    assert_eq!(counters.unavailable.load(Relaxed), 1);
}

#[actix_web::test]
async fn a_request_that_fails_writes_nothing() {
    let mut visitor = Visitor::new().await;
    visitor.get("set=a").await;
    for (steps, status) in [
        ("set=b+large", StatusCode::PAYLOAD_TOO_LARGE),
        ("set=b+fail", StatusCode::CONFLICT),
        // The handler's own answer reads the entry as a number.
        ("set=b+text=a", StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        assert_eq!(visitor.send(steps).await.status(), status, "{steps}");
        let seen = visitor.get("show").await;
        assert_seen(&seen, &json!({ "a": 1, "b": null }));
    }
}

#[actix_web::test]
async fn work_after_the_save_runs_only_if_it_succeeds() {
    let mut visitor = Visitor::new().await;
    for (steps, runs) in [("later+large", 0), ("later+set=a+later", 2), ("later", 3)] {
        visitor.send(steps).await;
        assert_eq!(RUNS.get(), runs, "{steps}");
    }
}
