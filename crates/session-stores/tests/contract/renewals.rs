//! A session gets a new id: [`session_stores::renew`] and [`session_stores::rotate`].

use std::time::{Duration, Instant};

use actix_session::{Session, storage::SessionStore};
use serde_json::Value;
use session_stores::{RESERVED, State, renew, rotate};
use testkit::wait_until;

use super::bench::{Bench, Unknown};
use crate::common::{
    FOREVER, PATIENCE, TTL, absolute, data, handled, load, numbered, pass, same,
    site::{Visitor, site},
    times,
};

const A_MOMENT: Duration = Duration::from_millis(5);

pub(crate) async fn renew_and_rotate_give_a_new_id_and_keep_entries_beginning_and_user<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let old = store
            .save(
                handled(numbered(1), |session| {
                    session_stores::sign_in(session, "alice")
                }),
                &TTL,
            )
            .await
            .unwrap();
        let state = load(&store, &old).await.unwrap();
        pass(A_MOMENT).await;
        let new = store
            .update(same(&old), handled(state.clone(), ask), &TTL)
            .await
            .unwrap();
        assert_ne!(new.as_ref(), old.as_ref());
        let renewed = load(&store, &new).await.unwrap();
        assert_eq!(times(&renewed).created_at, times(&state).created_at);
        assert!(times(&renewed).rotated_at > times(&state).rotated_at);
        handled(renewed.clone(), |session| {
            assert_eq!(session_stores::user_of(session).as_deref(), Some("alice"))
        });
        assert_eq!(data(renewed), numbered(1));
    }
}

pub(crate) async fn the_old_id_is_worth_nothing_after_renew<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let site = site(store).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (old, before) = (visitor.id().unwrap(), visitor.get(&site, "/").await);
    visitor.get(&site, "/renew").await;
    assert_ne!(visitor.id().unwrap(), old);
    assert_eq!(visitor.get(&site, "/").await, before);
    assert_eq!(Visitor::of(&old).get(&site, "/").await["n"], Value::Null);
}

pub(crate) async fn a_renewal_is_in_the_record_and_nothing_of_it_in_the_data<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let old = store.save(numbered(1), &TTL).await.unwrap();
        let state = load(&store, &old).await.unwrap();
        let new = store.update(old, handled(state, ask), &TTL).await.unwrap();
        let again = load(&store, &new).await.unwrap();
        let kept = store.update(same(&new), again, &TTL).await.unwrap();
        assert_eq!(kept.as_ref(), new.as_ref(), "it was renewed once");
        assert!(
            !bench
                .everything(&store)
                .into_iter()
                .any(|(name, text)| (name + &text).contains(RESERVED))
        );
    }
}

pub(crate) async fn a_renewal_of_a_session_that_was_ended_meanwhile_brings_nothing_back<
    B: Bench,
>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let key = store
            .save(
                handled(numbered(1), |session| {
                    session_stores::sign_in(session, "alice")
                }),
                &TTL,
            )
            .await
            .unwrap();
        let state = load(&store, &key).await.unwrap();
        let began = times(&state);
        store.delete(&key).await.unwrap();
        pass(A_MOMENT).await;
        let answer = store
            .update(same(&key), handled(state, ask), &TTL)
            .await
            .unwrap();
        match (B::UNKNOWN, load(&store, &answer).await) {
            (Unknown::Refused, found) => {
                assert_eq!((found, answer.as_ref()), (None, key.as_ref()));
                assert!(bench.everything(&store).is_empty());
            }
            (Unknown::Adopted, found) => {
                let found = found.unwrap();
                assert!(
                    times(&found).created_at > began.created_at,
                    "it is another session"
                );
                handled(found, |session| {
                    assert_eq!(session_stores::user_of(session), None)
                });
            }
        }
    }
}

pub(crate) async fn a_change_in_flight_at_a_renewal_does_not_bring_the_old_session_back<
    B: Bench,
>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let old = store
        .save(
            handled(numbered(1), |session| {
                session_stores::sign_in(session, "alice")
            }),
            &TTL,
        )
        .await
        .unwrap();
    let state = load(&store, &old).await.unwrap();
    let new = store
        .update(same(&old), handled(state.clone(), renew), &TTL)
        .await
        .unwrap();
    let mut late = state.clone();
    late.extend(numbered(2));
    let answer = store.update(same(&old), late, &TTL).await.unwrap();
    assert_ne!(
        answer.as_ref(),
        new.as_ref(),
        "who holds the old id is not told the new one"
    );
    match (B::UNKNOWN, load(&store, &old).await) {
        (Unknown::Refused, found) => assert_eq!(found, None),
        (Unknown::Adopted, found) => handled(found.unwrap(), |session| {
            assert_eq!(session_stores::user_of(session), None)
        })
        .clear(),
    }
    assert_eq!(load(&store, &new).await.map(data), Some(numbered(1)));
}

pub(crate) async fn the_absolute_timeout_counts_through_every_renewal<B: Bench>() {
    const LIMIT: Duration = Duration::from_millis(150);
    let bench = B::open().await;
    let store = bench.store(absolute(LIMIT)).await;
    for ask in [renew as fn(&Session), rotate] {
        let start = Instant::now();
        let mut key = store.save(numbered(1), &TTL).await.unwrap();
        let lasted = wait_until(
            "the end of a session that is renewed all the time",
            PATIENCE,
            async || {
                let Some(state) = load(&store, &key)
                    .await
                    .filter(|state| state.contains_key(RESERVED))
                else {
                    return Ok(Some(start.elapsed()));
                };
                key = store
                    .update(same(&key), handled(state, ask), &TTL)
                    .await
                    .unwrap();
                Ok(None)
            },
        )
        .await
        .unwrap();
        // Times are kept to the millisecond.
        assert!(
            lasted + Duration::from_millis(2) >= LIMIT,
            "ended after {lasted:?}"
        );
    }
}

pub(crate) async fn a_visitor_without_a_session_gets_one_by_renew<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let key = store.save(handled(State::new(), ask), &TTL).await.unwrap();
        assert_eq!(load(&store, &key).await.map(data), Some(State::new()));
    }
}

pub(crate) async fn clear_takes_a_renewal_back<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (id, began) = (visitor.id(), visitor.get(&site, "/").await["began"].clone());
    visitor.get(&site, "/renew+clear+count").await;
    assert_eq!(visitor.id(), id);
    // In the other order it is renewed, and as old as it was.
    visitor.get(&site, "/clear+renew+count").await;
    assert_ne!(visitor.id(), id);
    let now = visitor.get(&site, "/").await;
    assert_eq!((&now["n"], &now["began"]), (&Value::from(0), &began));
}

pub(crate) async fn a_purge_outranks_a_renewal<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let site = site(store.clone()).await;
    for steps in [
        "/renew+purge",
        "/purge+renew",
        "/sign-in-alice+purge",
        "/purge+sign-in-alice",
    ] {
        let mut visitor = Visitor::default();
        visitor.get(&site, "/count").await;
        visitor.get(&site, steps).await;
        assert_eq!(visitor.id(), None, "{steps}");
        assert!(bench.everything(&store).is_empty(), "{steps}");
    }
}
