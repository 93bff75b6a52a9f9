//! Sessions revoked while they are being renewed.

use std::rc::Rc;

use actix_session::{Session, storage::SessionStore};
use actix_web::rt::spawn;
use session_stores::{renew, rotate};
use testkit::wait_until;

use super::{
    proxy::Proxy,
    support::{handle, impatient, listed, name, redis, sessions, signed_in, store},
};
use crate::common::{FOREVER, PATIENCE, TTL, handled, same};

#[actix_web::test]
async fn a_session_that_is_revoked_between_the_steps_of_its_renewal_is_dead() {
    let redis = redis().await;
    let direct = store(&redis, FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let (kept, mine) = signed_in(&direct, "alice").await;
        let (old, state) = signed_in(&direct, "alice").await;
        let proxy = Proxy::before(&redis);
        let held = proxy.hold("FollowUntil");
        let store = Rc::new(impatient(&proxy.url(), PATIENCE).await);
        let renewal =
            spawn(async move { store.update(old, handled(state, ask), &TTL).await.unwrap() });
        wait_until("the second step of the renewal", PATIENCE, async || {
            Ok(held.has_come().then_some(()))
        })
        .await
        .unwrap();
        direct.end_others("alice", &handle(&mine)).await.unwrap();
        held.let_go();
        renewal.await.unwrap();
        assert_eq!(sessions(&redis), [name(&kept)]);
        assert_eq!(listed(&direct, "alice").await, [handle(&mine)]);
        direct.delete(&kept).await.unwrap();
    }
}

#[actix_web::test]
async fn a_session_that_is_renewed_while_all_others_are_being_revoked_is_dead() {
    let redis = redis().await;
    let direct = store(&redis, FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let (kept, mine) = signed_in(&direct, "alice").await;
        let (old, state) = signed_in(&direct, "alice").await;
        let proxy = Proxy::before(&redis);
        // The index is read, the session not yet.
        let held = proxy.hold(&name(&old));
        let store = Rc::new(impatient(&proxy.url(), PATIENCE).await);
        let my_handle = handle(&mine);
        let revoking = spawn(async move { store.end_others("alice", &my_handle).await.unwrap() });
        wait_until("the session to be looked at", PATIENCE, async || {
            Ok(held.has_come().then_some(()))
        })
        .await
        .unwrap();
        direct
            .update(same(&old), handled(state, ask), &TTL)
            .await
            .unwrap();
        held.let_go();
        assert_eq!(revoking.await.unwrap(), 1);
        assert_eq!(sessions(&redis), [name(&kept)]);
        direct.delete(&kept).await.unwrap();
    }
}

#[actix_web::test]
async fn a_session_that_is_renewed_while_it_revokes_all_others_lives() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for ask in [renew as fn(&Session), rotate] {
        let (old, mine) = signed_in(&store, "alice").await;
        signed_in(&store, "alice").await;
        // Another request of the same visitor was faster.
        let new = store
            .update(old, handled(mine.clone(), ask), &TTL)
            .await
            .unwrap();
        assert_eq!(store.end_others("alice", &handle(&mine)).await.unwrap(), 1);
        assert_eq!(sessions(&redis), [name(&new)]);
        store.delete(&new).await.unwrap();
    }
}
