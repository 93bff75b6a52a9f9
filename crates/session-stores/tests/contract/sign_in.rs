//! A session becomes a user's: [`session_stores::sign_in`].

use std::time::{Duration, Instant};

use actix_session::storage::SessionStore;
use serde_json::{Value, json};
use session_stores::{RESERVED, State, renew, rotate, sign_in, user_of};
use testkit::wait_until;
use uuid::Uuid;

use super::bench::{Bench, Unknown};
use crate::common::{
    FOREVER, PATIENCE, TTL, absolute, data, handled, load, numbered, pass, same,
    site::{Visitor, site},
    times,
};

const A_MOMENT: Duration = Duration::from_millis(5);

fn user(state: &State) -> Option<String> {
    let mut user = None;
    handled(state.clone(), |session| user = user_of(session));
    user
}

pub(crate) async fn signing_in_renews_the_id_and_names_the_user<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let old = visitor.id().unwrap();
    visitor.get(&site, "/sign-in-alice+count").await;
    let now = visitor.get(&site, "/").await;
    assert_eq!((&now["user"], &now["n"]), (&json!("alice"), &json!(1)));
    assert_ne!(visitor.id().unwrap(), old);
    let mut fixed = Visitor::of(&old);
    let found = fixed.get(&site, "/").await;
    assert_eq!(
        (&found["user"], &found["n"]),
        (&Value::Null, &Value::Null),
        "the old cookie is worth nothing"
    );
}

pub(crate) async fn a_visitor_without_a_session_can_sign_in<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/sign-in-alice").await;
    assert_eq!(visitor.get(&site, "/").await["user"], "alice");
}

pub(crate) async fn an_id_of_somebody_elses_choice_is_not_signed_in<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    let chosen = Uuid::new_v4().to_string();
    let mut visitor = Visitor::of(&chosen);
    visitor.get(&site, "/sign-in-alice").await;
    assert_ne!(visitor.id().unwrap(), chosen);
    assert_eq!(visitor.get(&site, "/").await["user"], "alice");
    assert_eq!(
        Visitor::of(&chosen).get(&site, "/").await["user"],
        Value::Null
    );
}

pub(crate) async fn a_session_keeps_its_user_through_changes_clear_and_renewals<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/sign-in-alice").await;
    let signed_in = visitor.get(&site, "/").await;
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
        assert_eq!(
            (&now["user"], &now["began"]),
            (&signed_in["user"], &signed_in["began"]),
            "after {steps}"
        );
    }
}

pub(crate) async fn another_user_does_not_inherit_what_the_session_held<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    visitor.get(&site, "/sign-in-alice").await;
    assert_eq!(
        visitor.get(&site, "/").await["n"],
        0,
        "what was anonymous is alice's now"
    );
    visitor.get(&site, "/sign-in-alice").await;
    assert_eq!(visitor.get(&site, "/").await["n"], 0, "and stays hers");
    visitor.get(&site, "/sign-in-bob").await;
    let now = visitor.get(&site, "/").await;
    assert_eq!((&now["user"], &now["n"]), (&json!("bob"), &Value::Null));
}

pub(crate) async fn the_absolute_timeout_counts_from_the_sign_in<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(absolute(Duration::from_secs(3600))).await;
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &old).await.unwrap();
    pass(A_MOMENT).await;
    let new = store
        .update(
            old,
            handled(state.clone(), |session| sign_in(session, "alice")),
            &TTL,
        )
        .await
        .unwrap();
    let signed_in = times(&load(&store, &new).await.unwrap());
    assert!(signed_in.created_at > times(&state).created_at);
    assert_eq!(signed_in.created_at, signed_in.rotated_at);
}

pub(crate) async fn a_sign_in_outranks_a_renewal_of_the_same_request<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    for steps in [
        "/sign-in-alice+renew",
        "/rotate+sign-in-alice+rotate",
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

pub(crate) async fn a_sign_in_after_the_end_of_its_session_holds_all_the_same<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &old).await.unwrap();
    store.delete(&old).await.unwrap();
    let new = store
        .update(
            same(&old),
            handled(state, |session| sign_in(session, "alice")),
            &TTL,
        )
        .await
        .unwrap();
    assert_ne!(new.as_ref(), old.as_ref());
    assert_eq!(
        user(&load(&store, &new).await.unwrap()).as_deref(),
        Some("alice")
    );
    assert_eq!(
        load(&store, &old).await,
        (B::UNKNOWN == Unknown::Adopted).then(State::new)
    );
}

pub(crate) async fn a_sign_in_that_outlasts_the_absolute_timeout_holds_all_the_same<B: Bench>() {
    const LIMIT: Duration = Duration::from_millis(400);
    let bench = B::open().await;
    let store = bench.store(absolute(LIMIT)).await;
    wait_until("a machine that doesn't hold us up", PATIENCE, async || {
        let old = store.save(numbered(1), &TTL).await?;
        let Some(state) = load(&store, &old)
            .await
            .filter(|state| state.contains_key(RESERVED))
        else {
            return Ok(None);
        };
        pass(LIMIT).await;
        let signing_in = Instant::now();
        let new = store
            .update(
                old,
                handled(state, |session| sign_in(session, "alice")),
                &TTL,
            )
            .await?;
        let found = load(&store, &new).await.unwrap_or_default();
        Ok((user(&found).as_deref() == Some("alice"))
            .then_some(())
            .or_else(|| {
                assert!(
                    signing_in.elapsed() >= LIMIT,
                    "who signed in just now is not signed in"
                );
                None
            }))
    })
    .await
    .unwrap();
}

pub(crate) async fn of_two_sign_ins_at_once_each_has_a_session_of_its_own<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    for earlier in [renew, rotate, |session: &_| sign_in(session, "bob")] {
        let old = store.save(numbered(1), &TTL).await.unwrap();
        let state = load(&store, &old).await.unwrap();
        let first = store
            .update(same(&old), handled(state.clone(), earlier), &TTL)
            .await
            .unwrap();
        let second = store
            .update(
                same(&old),
                handled(state, |session| sign_in(session, "alice")),
                &TTL,
            )
            .await
            .unwrap();
        assert!(second.as_ref() != old.as_ref() && second.as_ref() != first.as_ref());
        let found = load(&store, &second).await.unwrap();
        assert_eq!(user(&found).as_deref(), Some("alice"));
        assert_eq!(data(found), numbered(1));
        assert!(
            load(&store, &old)
                .await
                .is_none_or(|adopted| adopted.is_empty()),
            "under the old id there is nothing"
        );
    }
}

pub(crate) async fn a_user_is_at_rest_beside_the_data<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store
        .save(
            handled(numbered(1), |session| sign_in(session, "a \"b\" 🦀")),
            &TTL,
        )
        .await
        .unwrap();
    let Some(rest) = bench.rest() else {
        assert_eq!(
            user(&load(&store, &key).await.unwrap()).as_deref(),
            Some("a \"b\" 🦀")
        );
        return;
    };
    let at_rest: Value = serde_json::from_slice(&rest.read(key.as_ref()).unwrap()).unwrap();
    let names: Vec<_> = at_rest
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt", "User"]
    );
    assert_eq!(
        (&at_rest["User"], &at_rest["Data"]),
        (&json!("a \"b\" 🦀"), &json!({"n": 1}))
    );
}
