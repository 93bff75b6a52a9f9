//! The old id of a rotated session: what it still leads to, and for how long.

use std::time::{Duration, Instant};

use actix_session::{Session, storage::SessionStore};
use session_stores::{RedisStore, moved, redis::Options, renew, rotate};
use testkit::{Redis, wait_until};

use super::support::{handle, name, options, pttl, redis, sessions, store};
use crate::common::{
    FOREVER, PATIENCE, TTL, data, handled, idle, load, numbered, same,
    site::{Visitor, site},
    times,
};

/// Rotations of this store have no grace: who comes with the old id comes too late.
async fn strict(redis: &Redis) -> RedisStore {
    RedisStore::connect(Options {
        rotation_grace: Duration::ZERO,
        ..options(&redis.url())
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn within_the_grace_the_old_id_leads_to_the_session_and_the_session_says_so() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &old).await.unwrap();
    handled(state.clone(), |session| assert!(!moved(session)));
    let new = store
        .update(same(&old), handled(state, rotate), &TTL)
        .await
        .unwrap();

    let (by_old, by_new) = (
        load(&store, &old).await.unwrap(),
        load(&store, &new).await.unwrap(),
    );
    assert_eq!(
        (data(by_old.clone()), times(&by_old), handle(&by_old)),
        (data(by_new.clone()), times(&by_new), handle(&by_new))
    );
    handled(by_old.clone(), |session| assert!(moved(session)));
    handled(by_new, |session| assert!(!moved(session)));

    let mut changed = by_old;
    changed.extend(numbered(2));
    let answer = store.update(same(&old), changed, &TTL).await.unwrap();
    assert_eq!(
        answer.as_ref(),
        new.as_ref(),
        "a change is told the present id"
    );
    assert_eq!(load(&store, &new).await.map(data), Some(numbered(2)));
    assert_eq!(sessions(&redis), [name(&new)]);
}

#[actix_web::test]
async fn after_the_grace_the_old_id_is_worth_nothing() {
    let redis = redis().await;
    let grace = Duration::from_millis(150);
    let store = RedisStore::connect(Options {
        rotation_grace: grace,
        ..options(&redis.url())
    })
    .await
    .unwrap();
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &old).await.unwrap();
    let new = store
        .update(same(&old), handled(state, rotate), &TTL)
        .await
        .unwrap();
    let rotated = Instant::now();
    wait_until("the end of the grace", PATIENCE, async || {
        Ok(load(&store, &old).await.is_none().then_some(()))
    })
    .await
    .unwrap();
    assert!(
        rotated.elapsed() + Duration::from_millis(50) > grace,
        "it ended after {:?}",
        rotated.elapsed()
    );
    assert!(load(&store, &new).await.is_some());
}

#[actix_web::test]
async fn what_is_left_under_an_old_id_is_no_session_and_goes_by_itself() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for (ask, at_most) in [(rotate as fn(&Session), 70_000), (renew, 60_000)] {
        let old = store.save(numbered(1), &TTL).await.unwrap();
        let state = load(&store, &old).await.unwrap();
        let new = store
            .update(same(&old), handled(state, ask), &TTL)
            .await
            .unwrap();
        assert!(
            (at_most - 10_000..=at_most).contains(&pttl(&redis, &old)),
            "{}",
            pttl(&redis, &old)
        );
        assert_eq!(
            redis.cli(&["HGET", &name(&old), "MovedTo"]).unwrap(),
            new.as_ref()
        );
        store.delete(&new).await.unwrap();
        assert_eq!(sessions(&redis), Vec::<String>::new());
        assert_eq!(
            load(&store, &old).await,
            None,
            "the session at its end has ended"
        );
    }
}

#[actix_web::test]
async fn a_request_that_loaded_the_session_before_its_rotation_loses_nothing_even_if_it_outlasts_the_grace()
 {
    let redis = redis().await;
    let store = strict(&redis).await;
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let mut state = load(&store, &old).await.unwrap();
    let new = store
        .update(same(&old), handled(state.clone(), rotate), &TTL)
        .await
        .unwrap();
    assert_eq!(load(&store, &old).await, None, "the grace is over");
    let rotated = times(&load(&store, &new).await.unwrap());

    state.extend(numbered(2));
    for state in [state, numbered(3)] {
        let answer = store.update(same(&old), state.clone(), &TTL).await.unwrap();
        assert_eq!(answer.as_ref(), new.as_ref());
        let found = load(&store, &new).await.unwrap();
        assert_eq!(times(&found), rotated, "the session isn't older than it is");
        assert_eq!(data(found), data(state));
    }
    assert_eq!(
        sessions(&redis),
        [name(&new)],
        "the old id is not brought back"
    );
}

#[actix_web::test]
async fn of_two_rotations_at_once_the_loser_follows_the_winner() {
    let redis = redis().await;
    for store in [store(&redis, FOREVER).await, strict(&redis).await] {
        let old = store.save(numbered(1), &TTL).await.unwrap();
        let state = load(&store, &old).await.unwrap();
        let winner = store
            .update(same(&old), handled(state.clone(), rotate), &TTL)
            .await
            .unwrap();
        let mut late = state;
        late.extend(numbered(2));
        let loser = store
            .update(same(&old), handled(late, rotate), &TTL)
            .await
            .unwrap();
        assert_eq!(loser.as_ref(), winner.as_ref());
        assert_eq!(
            load(&store, &winner).await.map(data),
            Some(numbered(2)),
            "and its changes are kept"
        );
        assert_eq!(sessions(&redis), [name(&winner)]);
        store.delete(&winner).await.unwrap();
    }
}

#[actix_web::test]
async fn a_renewal_that_meets_a_rotation_leaves_neither_old_id_alive() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let first = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &first).await.unwrap();
    let second = store
        .update(same(&first), handled(state.clone(), rotate), &TTL)
        .await
        .unwrap();
    let third = store
        .update(same(&first), handled(state, renew), &TTL)
        .await
        .unwrap();
    assert_eq!(
        (load(&store, &first).await, load(&store, &second).await),
        (None, None)
    );
    assert_eq!(load(&store, &third).await.map(data), Some(numbered(1)));
    assert_eq!(sessions(&redis), [name(&third)]);
}

#[actix_web::test]
async fn a_rotation_that_meets_a_renewal_is_told_nothing_and_changes_nothing() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let old = store.save(numbered(1), &TTL).await.unwrap();
    let mut state = load(&store, &old).await.unwrap();
    let new = store
        .update(same(&old), handled(state.clone(), renew), &TTL)
        .await
        .unwrap();
    state.extend(numbered(2));
    for ask in [rotate as fn(&Session), renew, |_| {}] {
        let answer = store
            .update(same(&old), handled(state.clone(), ask), &TTL)
            .await
            .unwrap();
        assert_eq!(answer.as_ref(), old.as_ref());
    }
    assert_eq!(load(&store, &old).await, None);
    assert_eq!(load(&store, &new).await.map(data), Some(numbered(1)));
    assert_eq!(sessions(&redis), [name(&new)]);
}

#[actix_web::test]
async fn a_visitor_left_behind_by_a_rotation_is_told_the_present_id_also_by_a_mere_read() {
    let redis = redis().await;
    let site = site(store(&redis, idle(Duration::from_secs(60))).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let old = visitor.id().unwrap();
    visitor.get(&site, "/rotate").await;
    let key = crate::common::key(&visitor.id().unwrap());
    let before = redis.cli(&["GET", &name(&key)]).unwrap();

    let mut reading = Visitor::of(&old);
    assert_eq!(reading.get(&site, "/").await["n"], 0);
    assert_eq!(reading.id(), visitor.id());
    assert_eq!(
        redis.cli(&["GET", &name(&key)]).unwrap(),
        before,
        "reading writes nothing over what others write"
    );
    let mut changing = Visitor::of(&old);
    changing.get(&site, "/count").await;
    assert_eq!(changing.id(), visitor.id());
    assert_eq!(visitor.get(&site, "/").await["n"], 1);
}
