//! Renewals in flight: a logout, another renewal or a lost answer comes in between.

use std::{rc::Rc, time::Duration};

use actix_session::{
    Session,
    storage::{SessionKey, SessionStore},
};
use actix_web::rt::spawn;
use session_stores::{RedisStore, State, renew, rotate, sign_in, user_of};
use testkit::{Redis, wait_until};

use super::{
    proxy::Proxy,
    support::{impatient, name, redis, sessions, store},
};
use crate::common::{
    FOREVER, PATIENCE, TTL, data, handled, load, numbered, same,
    site::{Visitor, site},
};

/// A word of the step that decides.
const DECISION: &str = "FollowUntil";

fn sign_in_alice(session: &Session) {
    sign_in(session, "alice");
}

/// Lets `meanwhile` happen between the two steps of the renewal of `old`; returns the renewal's answer.
async fn in_between(
    redis: &Redis,
    old: &SessionKey,
    state: State,
    ask: impl FnOnce(&Session),
    meanwhile: impl AsyncFnOnce(),
) -> SessionKey {
    let proxy = Proxy::before(redis);
    let held = proxy.hold(DECISION);
    let store = Rc::new(impatient(&proxy.url(), PATIENCE).await);
    let (old, state) = (same(old), handled(state, ask));
    let renewal = spawn(async move { store.update(old, state, &TTL).await.unwrap() });
    wait_until("the second step of the renewal", PATIENCE, async || {
        Ok(held.has_come().then_some(()))
    })
    .await
    .unwrap();
    meanwhile().await;
    held.let_go();
    renewal.await.unwrap()
}

async fn session(store: &RedisStore) -> (SessionKey, State) {
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(store, &key).await.unwrap();
    (key, state)
}

#[actix_web::test]
async fn a_logout_in_flight_at_a_renewal_ends_the_session() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for ask in [renew as fn(&Session), rotate, sign_in_alice] {
        let (old, state) = session(&store).await;
        let new = store
            .update(same(&old), handled(state, ask), &TTL)
            .await
            .unwrap();
        // It had loaded the session before, under the old id.
        store.delete(&old).await.unwrap();
        assert_eq!(load(&store, &new).await, None);
        assert_eq!(sessions(&redis), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_logout_in_flight_at_several_renewals_ends_the_session() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (old, _) = session(&store).await;
    let mut key = same(&old);
    for ask in [rotate as fn(&Session), renew, rotate, sign_in_alice, renew] {
        let state = load(&store, &key).await.unwrap();
        key = store.update(key, handled(state, ask), &TTL).await.unwrap();
    }
    assert!(load(&store, &key).await.is_some());
    store.delete(&old).await.unwrap();
    assert_eq!(load(&store, &key).await, None);
    assert_eq!(sessions(&redis), Vec::<String>::new());
}

#[actix_web::test]
async fn a_logout_between_the_steps_of_a_renewal_ends_the_session() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let (old, state) = session(&store).await;
        let answer = in_between(&redis, &old, state, ask, async || {
            store.delete(&old).await.unwrap()
        })
        .await;
        assert_eq!(answer.as_ref(), old.as_ref());
        assert_eq!(
            sessions(&redis),
            Vec::<String>::new(),
            "what was written under the new id is taken back"
        );
        assert_eq!(load(&store, &old).await, None);
    }
}

#[actix_web::test]
async fn a_sign_in_with_a_logout_between_its_steps_holds() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (old, state) = session(&store).await;
    let new = in_between(&redis, &old, state, sign_in_alice, async || {
        store.delete(&old).await.unwrap()
    })
    .await;
    assert_eq!(sessions(&redis), [name(&new)]);
    handled(load(&store, &new).await.unwrap(), |session| {
        assert_eq!(user_of(session).as_deref(), Some("alice"))
    });
}

#[actix_web::test]
async fn a_change_between_the_steps_of_a_renewal_leaves_one_session() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for ask in [renew as fn(&Session), rotate, sign_in_alice] {
        let (old, state) = session(&store).await;
        let mut changed = state.clone();
        changed.extend(numbered(2));
        let new = in_between(&redis, &old, state, ask, async || {
            drop(store.update(same(&old), changed, &TTL).await.unwrap())
        })
        .await;
        assert_eq!(sessions(&redis), [name(&new)]);
        assert_eq!(
            load(&store, &new).await.map(data),
            Some(numbered(1)),
            "the last to write wins, as among any two changes"
        );
        store.delete(&new).await.unwrap();
    }
}

/// A visitor rotates the id and changes nothing else; returns what the session holds then.
async fn rotated_with(
    redis: &Redis,
    meanwhile: impl AsyncFn(&RedisStore, SessionKey),
) -> Option<State> {
    let direct = store(redis, FOREVER).await;
    let key = direct.save(numbered(1), &TTL).await.unwrap();
    let proxy = Proxy::before(redis);
    let held = proxy.hold(DECISION);
    let site = site(impatient(&proxy.url(), PATIENCE).await).await;
    let mut visitor = Visitor::of(key.as_ref());
    let rotation = spawn(async move {
        visitor.get(&site, "/rotate").await;
        visitor.id().unwrap()
    });
    wait_until("the second step of the rotation", PATIENCE, async || {
        Ok(held.has_come().then_some(()))
    })
    .await
    .unwrap();
    meanwhile(&direct, same(&key)).await;
    held.let_go();
    let new = crate::common::key(&rotation.await.unwrap());
    let found = load(&direct, &new).await.map(data);
    assert!(
        found.is_none() || new.as_ref() != key.as_ref(),
        "it wasn't rotated"
    );
    assert_eq!(sessions(redis).len(), usize::from(found.is_some()));
    direct.delete(&new).await.unwrap();
    found
}

#[actix_web::test]
async fn a_rotation_by_a_request_that_changes_nothing_undoes_nothing() {
    let redis = redis().await;
    assert_eq!(
        rotated_with(&redis, async |_, _| {}).await,
        Some(numbered(1))
    );
    let changed = rotated_with(&redis, async |store, key| {
        let mut state = load(store, &key).await.unwrap();
        state.extend(numbered(2));
        store.update(key, state, &TTL).await.unwrap();
    });
    assert_eq!(changed.await, Some(numbered(2)));
    let rotated = rotated_with(&redis, async |store, key| {
        let mut state = load(store, &key).await.unwrap();
        state.extend(numbered(3));
        store
            .update(key, handled(state, rotate), &TTL)
            .await
            .unwrap();
    });
    assert_eq!(rotated.await, Some(numbered(3)));
    for end in [
        rotated_with(&redis, async |store, key| store.delete(&key).await.unwrap()).await,
        rotated_with(&redis, async |store, key| {
            let state = load(store, &key).await.unwrap();
            let new = store
                .update(key, handled(state, renew), &TTL)
                .await
                .unwrap();
            store.delete(&new).await.unwrap();
        })
        .await,
    ] {
        assert_eq!(end, None);
    }
}

#[actix_web::test]
async fn a_rotation_by_a_request_that_changes_something_writes_that() {
    let redis = redis().await;
    let site = site(store(&redis, FOREVER).await).await;
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

#[actix_web::test]
async fn a_renewal_between_the_steps_of_another_leaves_one_session() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for (late, told) in [(rotate as fn(&Session), true), (renew, false)] {
        let (old, state) = session(&store).await;
        let mut winner = None;
        let rotated = handled(state.clone(), rotate);
        let loser = in_between(&redis, &old, state, late, async || {
            winner = Some(store.update(same(&old), rotated, &TTL).await.unwrap());
        })
        .await;
        assert_eq!(
            loser.as_ref() == winner.unwrap().as_ref(),
            told,
            "a rotation follows, a renewal renews once more"
        );
        assert_eq!(sessions(&redis), [name(&loser)]);
        store.delete(&loser).await.unwrap();
    }
}

#[actix_web::test]
async fn a_sign_in_between_the_steps_of_another_leaves_a_session_each_and_none_under_the_old_id() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (old, state) = session(&store).await;
    let mut first = None;
    let signing_in = handled(state.clone(), sign_in_alice);
    let second = in_between(&redis, &old, state, sign_in_alice, async || {
        first = Some(store.update(same(&old), signing_in, &TTL).await.unwrap());
    })
    .await;
    let mut expected = [name(&first.unwrap()), name(&second)];
    let mut found = sessions(&redis);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(load(&store, &old).await, None);
}

#[actix_web::test]
async fn a_sign_in_over_a_session_that_is_rotated_meanwhile_leaves_only_its_own() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (old, state) = session(&store).await;
    let rotated = handled(state.clone(), rotate);
    let new = in_between(&redis, &old, state, sign_in_alice, async || {
        store.update(same(&old), rotated, &TTL).await.unwrap();
    })
    .await;
    assert_eq!(sessions(&redis), [name(&new)]);
}

#[actix_web::test]
async fn a_renewal_whose_answer_was_lost_is_taken_for_done() {
    let redis = redis().await;
    let direct = store(&redis, FOREVER).await;
    let proxy = Proxy::before(&redis);
    let store = impatient(&proxy.url(), PATIENCE).await;
    for ask in [renew as fn(&Session), rotate, sign_in_alice] {
        let (old, state) = session(&store).await;
        proxy.lose_answer_to(DECISION);
        let new = store
            .update(same(&old), handled(state, ask), &TTL)
            .await
            .unwrap();
        assert_ne!(new.as_ref(), old.as_ref());
        assert_eq!(load(&direct, &new).await.map(data), Some(numbered(1)));
        assert_eq!(sessions(&redis), [name(&new)]);
        store.delete(&new).await.unwrap();
    }
}

#[actix_web::test]
async fn a_renewal_that_redis_does_not_answer_is_an_error_in_time() {
    let redis = redis().await;
    let store = impatient(&redis.url(), Duration::from_millis(300)).await;
    let (old, state) = wait_until("a session", PATIENCE, async || {
        let Ok(key) = store.save(numbered(1), &TTL).await else {
            return Ok(None);
        };
        Ok(store
            .load(&key)
            .await
            .ok()
            .flatten()
            .map(|state| (key, state)))
    })
    .await
    .unwrap();
    redis.freeze().unwrap();
    let start = std::time::Instant::now();
    for ask in [renew as fn(&Session), rotate, sign_in_alice] {
        assert!(
            store
                .update(same(&old), handled(state.clone(), ask), &TTL)
                .await
                .is_err()
        );
    }
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        start.elapsed()
    );
    redis.thaw().unwrap();
}
