//! The old ID of a rotated session: where it leads, and for how long.

use std::time::{Duration, Instant};

use actix_session::{Session, storage::SessionStore};
use session_stores::{moved, renew, rotate};

use super::support::handle;
use crate::common::{
    FOREVER, MINUTE, ask, begin, changed, data, idle, key, load, load_data, numbered, request,
    site::{Visitor, site},
    test_redis::TestRedis,
    times, update, wait,
};

#[actix_web::test]
async fn within_the_grace_the_old_id_leads_to_the_session() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let (old, state) = begin(&store).await;
    assert!(!ask(&state, moved));
    let new = request(&store, &old, state, rotate).await;

    let by_old = load(&store, &old).await.unwrap();
    let by_new = load(&store, &new).await.unwrap();
    assert_eq!(data(by_old.clone()), data(by_new.clone()));
    assert_eq!(times(&by_old), times(&by_new));
    assert_eq!(handle(&by_old), handle(&by_new));
    assert_eq!((ask(&by_old, moved), ask(&by_new, moved)), (true, false));

    let updated = update(&store, &old, changed(&by_old, 2)).await;
    assert_eq!(updated, new, "a change returns the current ID");
    assert_eq!(load_data(&store, &new).await, Some(numbered(2)));
    assert_eq!(redis.sessions(), [redis.name(&new)]);
}

#[actix_web::test]
async fn after_the_grace_the_old_id_stops_working() {
    let redis = TestRedis::shared();
    let grace = Duration::from_millis(150);
    let store = redis.store_with_grace(grace).await;
    let (old, state) = begin(&store).await;
    let new = request(&store, &old, state, rotate).await;
    let rotated = Instant::now();
    wait("the end of the grace", async || {
        Ok(load(&store, &old).await.is_none().then_some(()))
    })
    .await;
    let lasted = rotated.elapsed();
    assert!(lasted + Duration::from_millis(50) > grace, "{lasted:?}");
    assert!(load(&store, &new).await.is_some());
}

#[actix_web::test]
async fn a_redirect_is_not_a_session_and_expires() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    for (renewal, at_most) in [(rotate as fn(&Session), 70_000), (renew, 60_000)] {
        let (old, state) = begin(&store).await;
        let new = request(&store, &old, state, renewal).await;
        let left = redis.pttl(&old);
        assert!((at_most - 10_000..=at_most).contains(&left), "{left}");
        let to = redis.cli(&["HGET", &redis.name(&old), "MovedTo"]);
        assert_eq!(to, new.as_ref());
        store.delete(&new).await.unwrap();
        assert!(redis.sessions().is_empty());
        assert_eq!(load(&store, &old).await, None);
    }
}

#[actix_web::test]
async fn a_request_in_flight_at_a_rotation_loses_nothing() {
    let redis = TestRedis::shared();
    let store = redis.store_with_grace(Duration::ZERO).await;
    let (old, state) = begin(&store).await;
    let new = request(&store, &old, state.clone(), rotate).await;
    assert_eq!(load(&store, &old).await, None, "the grace is over");
    let rotated = times(&load(&store, &new).await.unwrap());

    // The second time without the reserved entry, as after `Session::clear()`.
    for (n, state) in [(2, changed(&state, 2)), (3, numbered(3))] {
        assert_eq!(update(&store, &old, state).await, new);
        let found = load(&store, &new).await.unwrap();
        assert_eq!((times(&found), data(found)), (rotated, numbered(n)));
    }
    assert_eq!(redis.sessions(), [redis.name(&new)]);
}

#[actix_web::test]
async fn the_second_of_two_rotations_follows_the_first() {
    let redis = TestRedis::shared();
    for grace in [MINUTE, Duration::ZERO] {
        let store = redis.store_with_grace(grace).await;
        let (old, state) = begin(&store).await;
        let first = request(&store, &old, state.clone(), rotate).await;
        let second = request(&store, &old, changed(&state, 2), rotate).await;
        assert_eq!(first, second);
        let found = load_data(&store, &first).await;
        assert_eq!(found, Some(numbered(2)), "its changes are kept");
        assert_eq!(redis.sessions(), [redis.name(&first)]);
        store.delete(&first).await.unwrap();
    }
}

#[actix_web::test]
async fn a_renewal_after_a_rotation_ends_both_old_ids() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let (first, state) = begin(&store).await;
    let second = request(&store, &first, state.clone(), rotate).await;
    let third = request(&store, &first, state, renew).await;
    for old in [first, second] {
        assert_eq!(load(&store, &old).await, None);
    }
    assert_eq!(load_data(&store, &third).await, Some(numbered(1)));
    assert_eq!(redis.sessions(), [redis.name(&third)]);
}

#[actix_web::test]
async fn a_rotation_after_a_renewal_changes_nothing() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let (old, state) = begin(&store).await;
    let new = request(&store, &old, state.clone(), renew).await;
    for handler in [rotate as fn(&Session), renew, |_| {}] {
        let updated = request(&store, &old, changed(&state, 2), handler).await;
        assert_eq!(updated, old, "it does not learn the new ID");
    }
    assert_eq!(load(&store, &old).await, None);
    assert_eq!(load_data(&store, &new).await, Some(numbered(1)));
    assert_eq!(redis.sessions(), [redis.name(&new)]);
}

/// The response with the new cookie was lost, or another tab rotated the ID.
#[actix_web::test]
async fn a_read_gives_a_visitor_with_the_old_id_the_current_one() {
    let redis = TestRedis::shared();
    let site = site(redis.store(idle(MINUTE)).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let old = visitor.id().unwrap();
    visitor.get(&site, "/rotate").await;
    let stored = || redis.cli(&["GET", &redis.name(&key(&visitor.id().unwrap()))]);
    let before = stored();

    let mut reading = Visitor::of(&old);
    assert_eq!(reading.get(&site, "/").await["n"], 0);
    assert_eq!(reading.id(), visitor.id());
    assert_eq!(stored(), before, "reading writes nothing");
    let mut changing = Visitor::of(&old);
    changing.get(&site, "/count").await;
    assert_eq!(changing.id(), visitor.id());
    assert_eq!(visitor.get(&site, "/").await["n"], 1);
}
