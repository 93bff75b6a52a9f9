//! The store under the session middleware, as visitors meet it.

use std::time::Duration;

use actix_session::storage::SessionStore;
use serde_json::Value;
use testkit::wait_until;
use uuid::Uuid;

use super::{
    at_rest::malformed,
    bench::{Bench, Unknown},
};
use crate::common::{
    FOREVER, PATIENCE, TTL, absolute, key, load, numbered, pass,
    site::{Visitor, site},
};

pub(crate) async fn a_visitor_keeps_one_session<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let site = site(store.clone()).await;
    let (mut ada, mut bob) = (Visitor::default(), Visitor::default());
    assert_eq!(ada.get(&site, "/").await["n"], Value::Null);
    assert_eq!(
        (ada.id(), bench.everything(&store).len()),
        (None, 0),
        "who stores nothing has no session"
    );
    for n in 0..3 {
        ada.get(&site, "/count").await;
        assert_eq!(ada.get(&site, "/").await["n"], n);
    }
    bob.get(&site, "/count").await;
    assert_eq!(
        (
            ada.get(&site, "/").await["n"].clone(),
            bob.get(&site, "/").await["n"].clone()
        ),
        (2.into(), 0.into())
    );
    assert_ne!(ada.id(), bob.id());
}

pub(crate) async fn clear_does_not_reset_the_absolute_timeout<B: Bench>() {
    let bench = B::open().await;
    let site = site(bench.store(absolute(Duration::from_millis(250))).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (id, first) = (visitor.id(), visitor.get(&site, "/").await);
    let ended = wait_until(
        "the absolute timeout of a session that is cleared all the time",
        PATIENCE,
        async || {
            visitor.get(&site, "/clear").await;
            visitor.get(&site, "/clear+count").await;
            let now = visitor.get(&site, "/").await;
            if now["began"] == first["began"] {
                assert_eq!((visitor.id(), &now["n"]), (id.clone(), &Value::from(0)));
            }
            Ok((now["began"] != first["began"]).then_some(()))
        },
    );
    ended.await.unwrap();
}

pub(crate) async fn actix_sessions_own_renew_leaves_nothing_under_the_old_id<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let site = site(store.clone()).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (old, before) = (visitor.id().unwrap(), visitor.get(&site, "/").await);
    pass(Duration::from_millis(5)).await;
    visitor.get(&site, "/actix-renew").await;
    assert_ne!(visitor.id().unwrap(), old);
    assert_eq!(
        visitor.get(&site, "/").await,
        before,
        "the same entries, the same beginning"
    );
    assert_eq!(bench.everything(&store).len(), 1);
    assert_eq!(
        Visitor::of(&old).get(&site, "/").await["n"],
        Value::Null,
        "the old cookie is worth nothing"
    );
}

pub(crate) async fn a_malformed_session_gives_the_visitor_a_new_id<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let site = site(store.clone()).await;
    let id = Uuid::new_v4().to_string();
    let Some(rest) = bench.rest() else {
        // Nothing malformed can lie in this store. A cookie can be, which comes to the same for the visitor.
        let mut visitor = Visitor::of("no id of ours");
        visitor.get(&site, "/count").await;
        assert!(Uuid::try_parse(&visitor.id().unwrap()).is_ok());
        return;
    };
    for bytes in malformed(&id) {
        rest.lay(&id, &bytes);
        let mut visitor = Visitor::of(&id);
        visitor.get(&site, "/count").await;
        assert_ne!(visitor.id().as_ref(), Some(&id));
        assert_eq!(visitor.get(&site, "/").await["n"], 0);
        assert_eq!(
            rest.read(&id),
            Some(bytes),
            "what nobody can read is left for somebody to look at"
        );
    }
}

pub(crate) async fn logging_out_holds_or_starts_anew_as_declared<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let id = store
        .save(numbered(5), &TTL)
        .await
        .unwrap()
        .as_ref()
        .to_owned();
    let site = site(store.clone()).await;
    let (mut here, mut there) = (Visitor::of(&id), Visitor::of(&id));
    assert_eq!(there.get(&site, "/").await["n"], 5);
    here.get(&site, "/purge").await;
    assert_eq!(here.id(), None, "the cookie is gone");
    assert_eq!(
        there.get(&site, "/").await["n"],
        Value::Null,
        "the data is gone elsewhere too"
    );
    there.get(&site, "/count").await;
    assert_eq!(
        there.id() == Some(id.clone()),
        B::UNKNOWN == Unknown::Adopted
    );
    assert_eq!(
        load(&store, &key(&id)).await.is_some(),
        B::UNKNOWN == Unknown::Adopted
    );
}
