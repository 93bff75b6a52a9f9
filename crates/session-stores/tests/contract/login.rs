//! [`session_stores::sign_in`].

use std::time::{Duration, Instant};

use actix_session::storage::SessionStore;
use serde_json::{Value, json};
use session_stores::{renew, rotate};
use uuid::Uuid;

use super::fixture::Fixture;
use crate::common::{
    FOREVER, HOUR, absolute, begin, data, handled, load, load_existing, log_alice_in, log_bob_in,
    names, numbered, pass, request, save,
    site::{Visitor, site},
    times, user, wait,
};

pub(crate) async fn a_login_changes_the_id_and_names_the_user<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let old = visitor.id().unwrap();
    visitor.get(&site, "/sign-in-alice+count").await;
    let now = visitor.get(&site, "/").await;
    assert_eq!((&now["user"], &now["n"]), (&json!("alice"), &json!(1)));
    assert_ne!(visitor.id().unwrap(), old);
    let found = Visitor::of(&old).get(&site, "/").await;
    assert_eq!((&found["user"], &found["n"]), (&Value::Null, &Value::Null));
}

pub(crate) async fn a_visitor_without_a_session_can_log_in<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/sign-in-alice").await;
    assert_eq!(visitor.get(&site, "/").await["user"], "alice");
}

pub(crate) async fn an_id_that_somebody_else_chose_is_not_logged_in<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let chosen = Uuid::new_v4().to_string();
    let mut visitor = Visitor::of(&chosen);
    visitor.get(&site, "/sign-in-alice").await;
    assert_ne!(visitor.id().unwrap(), chosen);
    assert_eq!(visitor.get(&site, "/").await["user"], "alice");
    let attacker = Visitor::of(&chosen).get(&site, "/").await;
    assert_eq!(attacker["user"], Value::Null);
}

pub(crate) async fn a_session_keeps_its_user<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/sign-in-alice").await;
    let before = visitor.get(&site, "/").await;
    for steps in [
        "/count",
        "/clear",
        "/clear+count",
        "/renew",
        "/rotate",
        "/clear+renew",
        "/clear+rotate",
        "/actix-renew",
    ] {
        visitor.get(&site, steps).await;
        let now = visitor.get(&site, "/").await;
        for field in ["user", "began"] {
            assert_eq!(now[field], before[field], "after {steps}");
        }
    }
}

pub(crate) async fn another_user_does_not_inherit_entries<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    // The entries of an anonymous session become alice's, and stay hers when she logs in again.
    for (login, user, n) in [
        ("/sign-in-alice", "alice", json!(0)),
        ("/sign-in-alice", "alice", json!(0)),
        ("/sign-in-bob", "bob", Value::Null),
    ] {
        visitor.get(&site, login).await;
        let now = visitor.get(&site, "/").await;
        assert_eq!((&now["user"], &now["n"]), (&json!(user), &n));
    }
}

pub(crate) async fn the_absolute_timeout_counts_from_the_login<F: Fixture>(fixture: F) {
    let store = fixture.store(absolute(HOUR)).await;
    let (old, state) = begin(&store).await;
    pass(Duration::from_millis(5)).await;
    let new = request(&store, &old, state.clone(), log_alice_in).await;
    let login = times(&load(&store, &new).await.unwrap());
    assert!(login.created_at > times(&state).created_at);
    assert_eq!(login.created_at, login.rotated_at);
}

/// The last login counts.
pub(crate) async fn a_login_outranks_a_renewal<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    for steps in [
        "/sign-in-alice+renew",
        "/rotate+sign-in-bob+sign-in-alice+rotate",
        "/actix-renew+sign-in-alice",
        "/sign-in-alice+actix-renew",
    ] {
        let mut visitor = Visitor::default();
        visitor.get(&site, "/count").await;
        let old = visitor.id();
        visitor.get(&site, steps).await;
        assert_eq!(visitor.get(&site, "/").await["user"], "alice", "{steps}");
        assert_ne!(visitor.id(), old);
    }
}

pub(crate) async fn a_login_works_after_its_session_has_ended<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (old, state) = begin(&store).await;
    store.delete(&old).await.unwrap();
    let new = request(&store, &old, state, log_alice_in).await;
    assert_ne!(new, old);
    let found = load(&store, &new).await.unwrap();
    assert_eq!(user(&found).as_deref(), Some("alice"));
    assert_eq!(load(&store, &old).await, F::nothing());
}

pub(crate) async fn a_login_may_outlast_the_absolute_timeout<F: Fixture>(fixture: F) {
    const LIMIT: Duration = Duration::from_millis(400);
    let store = fixture.store(absolute(LIMIT)).await;
    wait("a machine that is not too busy", async || {
        let old = save(&store, numbered(1)).await;
        let Some(state) = load_existing(&store, &old).await else {
            return Ok(None);
        };
        pass(LIMIT).await;
        let login = Instant::now();
        let new = request(&store, &old, state, log_alice_in).await;
        let found = load_existing(&store, &new).await;
        let logged_in = found.and_then(|found| user(&found)).as_deref() == Some("alice");
        assert!(logged_in || login.elapsed() >= LIMIT, "the login failed");
        Ok(logged_in.then_some(()))
    })
    .await;
}

pub(crate) async fn two_logins_at_once_get_a_session_each<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for earlier in [renew, rotate, log_bob_in] {
        let (old, state) = begin(&store).await;
        let first = request(&store, &old, state.clone(), earlier).await;
        let second = request(&store, &old, state, log_alice_in).await;
        assert!(second != old && second != first);
        let found = load(&store, &second).await.unwrap();
        assert_eq!(user(&found).as_deref(), Some("alice"));
        assert_eq!(data(found), numbered(1));
        assert_eq!(load_existing(&store, &old).await, None);
    }
}

pub(crate) async fn the_user_is_stored_beside_the_data<F: Fixture>(fixture: F) {
    const NAME: &str = "a \"b\" 🦀";
    let store = fixture.store(FOREVER).await;
    let log_in = |session: &_| session_stores::sign_in(session, NAME);
    let key = save(&store, handled(numbered(1), log_in)).await;
    let loaded = load(&store, &key).await.unwrap();
    assert_eq!(user(&loaded).as_deref(), Some(NAME));
    if let Some(at_rest) = fixture.at_rest() {
        let stored: Value = serde_json::from_slice(&at_rest.read(key.as_ref()).unwrap()).unwrap();
        let expected = ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt", "User"];
        assert_eq!(names(&stored), expected);
        assert_eq!(
            (&stored["User"], &stored["Data"]),
            (&json!(NAME), &json!({"n": 1}))
        );
    }
}
