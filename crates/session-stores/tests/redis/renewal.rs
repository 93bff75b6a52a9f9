//! Renewals, and other requests that run at the same time.

use actix_session::{
    Session,
    storage::{SessionKey, SessionStore},
};
use actix_web::rt::spawn;
use session_stores::{RedisStore, State, renew, rotate};

use testkit::FaultProxy;

use super::support::{SECOND_STEP, between_steps, impatient};
use crate::common::{
    FOREVER, PATIENCE, RENEWALS, begin, changed, key, load, load_data, log_alice_in, numbered,
    request, same,
    site::{Visitor, site},
    test_redis::TestRedis,
    update, user, wait,
};

#[actix_web::test]
async fn a_logout_in_flight_at_renewals_ends_the_session() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    for renewals in [
        &[renew as fn(&Session)][..],
        &[rotate],
        &[log_alice_in],
        &[rotate, renew, rotate, log_alice_in, renew],
    ] {
        let (old, _) = begin(&store).await;
        let mut current = same(&old);
        for renewal in renewals {
            let state = load(&store, &current).await.unwrap();
            current = request(&store, &current, state, renewal).await;
        }
        assert!(load(&store, &current).await.is_some());
        // The logout has loaded the session under the old ID.
        store.delete(&old).await.unwrap();
        assert_eq!(load(&store, &current).await, None);
        assert!(redis.sessions().is_empty());
    }
}

#[actix_web::test]
async fn a_logout_between_the_steps_of_a_renewal_ends_the_session() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    for renewal in RENEWALS {
        let (old, state) = begin(&store).await;
        let updated = between_steps(&redis, &old, state, renewal, async || {
            store.delete(&old).await.unwrap();
        })
        .await;
        assert_eq!(updated, old);
        assert!(redis.sessions().is_empty(), "the new session is deleted");
        assert_eq!(load(&store, &old).await, None);
    }
}

#[actix_web::test]
async fn a_logout_between_the_steps_of_a_login_does_not_end_it() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let (old, state) = begin(&store).await;
    let new = between_steps(&redis, &old, state, log_alice_in, async || {
        store.delete(&old).await.unwrap();
    })
    .await;
    assert_eq!(redis.sessions(), [redis.name(&new)]);
    let found = load(&store, &new).await.unwrap();
    assert_eq!(user(&found).as_deref(), Some("alice"));
}

/// As with any two changes, the last one to write wins.
#[actix_web::test]
async fn a_change_between_the_steps_of_a_renewal_is_overwritten() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    for renewal in [renew, rotate, log_alice_in] {
        let (old, state) = begin(&store).await;
        let changed = changed(&state, 2);
        let new = between_steps(&redis, &old, state, renewal, async || {
            update(&store, &old, changed).await;
        })
        .await;
        assert_eq!(redis.sessions(), [redis.name(&new)]);
        assert_eq!(load_data(&store, &new).await, Some(numbered(1)));
        store.delete(&new).await.unwrap();
    }
}

#[actix_web::test]
async fn a_renewal_between_the_steps_of_another_leaves_one_session() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    // A rotation follows the one that was faster. A renewal renews once more, and a login begins a session.
    for (late, follows) in [
        (rotate as fn(&Session), true),
        (renew, false),
        (log_alice_in, false),
    ] {
        let (old, state) = begin(&store).await;
        let mut first = None;
        let faster = state.clone();
        let second = between_steps(&redis, &old, state, late, async || {
            first = Some(request(&store, &old, faster, rotate).await);
        })
        .await;
        assert_eq!(first == Some(same(&second)), follows);
        assert_eq!(redis.sessions(), [redis.name(&second)]);
        store.delete(&second).await.unwrap();
    }
}

#[actix_web::test]
async fn a_login_between_the_steps_of_another_leaves_both() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let (old, state) = begin(&store).await;
    let mut expected = Vec::new();
    let faster = state.clone();
    let second = between_steps(&redis, &old, state, log_alice_in, async || {
        expected.push(redis.name(&request(&store, &old, faster, log_alice_in).await));
    })
    .await;
    expected.push(redis.name(&second));
    expected.sort();
    let mut found = redis.sessions();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(load(&store, &old).await, None);
}

/// Lets a visitor rotate their ID and change nothing else, with `meanwhile` between the steps of that. Returns what the
/// session holds then.
async fn rotated_with(
    redis: &TestRedis,
    meanwhile: impl AsyncFn(&RedisStore, SessionKey, State),
) -> Option<State> {
    let direct = redis.store(FOREVER).await;
    let (old, state) = begin(&direct).await;
    let proxy = FaultProxy::start(redis.server()).unwrap();
    let held = proxy.hold(SECOND_STEP);
    let site = site(impatient(&proxy.url(), PATIENCE).await).await;
    let mut visitor = Visitor::of(old.as_ref());
    let rotation = spawn(async move {
        visitor.get(&site, "/rotate").await;
        visitor.id().unwrap()
    });
    wait("the second step", async || {
        Ok(held.has_arrived().then_some(()))
    })
    .await;
    meanwhile(&direct, same(&old), state).await;
    held.release();
    let new = key(&rotation.await.unwrap());
    let found = load_data(&direct, &new).await;
    assert!(found.is_none() || new != old, "the ID was not rotated");
    assert_eq!(redis.sessions().len(), usize::from(found.is_some()));
    direct.delete(&new).await.unwrap();
    found
}

#[actix_web::test]
async fn a_rotation_without_a_change_undoes_nothing() {
    let redis = TestRedis::own().await;
    let alone = rotated_with(&redis, async |_, _, _| {}).await;
    assert_eq!(alone, Some(numbered(1)));
    let changed_meanwhile = rotated_with(&redis, async |store, key, state| {
        update(store, &key, changed(&state, 2)).await;
    });
    assert_eq!(changed_meanwhile.await, Some(numbered(2)));
    let rotated_meanwhile = rotated_with(&redis, async |store, key, state| {
        request(store, &key, changed(&state, 3), rotate).await;
    });
    assert_eq!(rotated_meanwhile.await, Some(numbered(3)));
    let ended_meanwhile = rotated_with(&redis, async |store, key, _| {
        store.delete(&key).await.unwrap();
    });
    assert_eq!(ended_meanwhile.await, None);
    let renewed_and_ended_meanwhile = rotated_with(&redis, async |store, key, state| {
        let new = request(store, &key, state, renew).await;
        store.delete(&new).await.unwrap();
    });
    assert_eq!(renewed_and_ended_meanwhile.await, None);
}

#[actix_web::test]
async fn a_rotation_with_a_change_writes_the_change() {
    let redis = TestRedis::shared();
    let site = site(redis.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    for (n, steps) in ["/count+rotate", "/rotate+count", "/rotate+count+rotate"]
        .into_iter()
        .enumerate()
    {
        let old = visitor.id();
        visitor.get(&site, steps).await;
        assert_eq!(visitor.get(&site, "/").await["n"], n + 1, "after {steps}");
        assert_ne!(visitor.id(), old);
    }
}
