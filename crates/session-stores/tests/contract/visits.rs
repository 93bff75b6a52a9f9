//! The stores under the session middleware.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::{at_rest::malformed, fixture::Fixture};
use crate::common::{
    FOREVER, absolute, key, load, numbered, pass, save,
    site::{Visitor, site},
    wait,
};

pub(crate) async fn a_visitor_keeps_one_session<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let site = site(store.clone()).await;
    let (mut ada, mut bob) = (Visitor::default(), Visitor::default());
    assert_eq!(ada.get(&site, "/").await["n"], Value::Null);
    let stored = fixture.dump(&store).len();
    assert_eq!((ada.id(), stored), (None, 0), "reading begins no session");
    for n in 0..3 {
        ada.get(&site, "/count").await;
        assert_eq!(ada.get(&site, "/").await["n"], n);
    }
    bob.get(&site, "/count").await;
    assert_eq!(ada.get(&site, "/").await["n"], 2);
    assert_eq!(bob.get(&site, "/").await["n"], 0);
    assert_ne!(ada.id(), bob.id());
}

pub(crate) async fn clear_does_not_reset_the_absolute_timeout<F: Fixture>(fixture: F) {
    let site = site(fixture.store(absolute(Duration::from_millis(250))).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (id, first) = (visitor.id(), visitor.get(&site, "/").await);
    wait("the absolute timeout", async || {
        visitor.get(&site, "/clear").await;
        visitor.get(&site, "/clear+count").await;
        let now = visitor.get(&site, "/").await;
        let ended = now["began"] != first["began"];
        if !ended {
            assert_eq!((visitor.id(), &now["n"]), (id.clone(), &Value::from(0)));
        }
        Ok(ended.then_some(()))
    })
    .await;
}

pub(crate) async fn actix_sessions_renew_leaves_nothing_under_the_old_id<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let site = site(store.clone()).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (old, before) = (visitor.id().unwrap(), visitor.get(&site, "/").await);
    pass(Duration::from_millis(5)).await;
    visitor.get(&site, "/actix-renew").await;
    assert_ne!(visitor.id().unwrap(), old);
    let after = visitor.get(&site, "/").await;
    assert_eq!(after, before, "the same entries, the same start");
    assert_eq!(fixture.dump(&store).len(), 1);
    assert_eq!(Visitor::of(&old).get(&site, "/").await["n"], Value::Null);
}

pub(crate) async fn a_malformed_session_gives_the_visitor_a_new_id<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let Some(at_rest) = fixture.at_rest() else {
        // No stored session can be malformed. A cookie can.
        let mut visitor = Visitor::of("no id of ours");
        visitor.get(&site, "/count").await;
        assert!(Uuid::try_parse(&visitor.id().unwrap()).is_ok());
        return;
    };
    let id = Uuid::new_v4().to_string();
    for bytes in malformed(&id) {
        at_rest.write(&id, &bytes);
        let mut visitor = Visitor::of(&id);
        visitor.get(&site, "/count").await;
        assert_ne!(visitor.id().as_ref(), Some(&id));
        assert_eq!(visitor.get(&site, "/").await["n"], 0);
        assert_eq!(at_rest.read(&id), Some(bytes), "it was left for inspection");
    }
}

pub(crate) async fn a_logout_holds_for_other_requests<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let id = save(&store, numbered(5)).await.as_ref().to_owned();
    let site = site(store.clone()).await;
    let (mut here, mut there) = (Visitor::of(&id), Visitor::of(&id));
    assert_eq!(there.get(&site, "/").await["n"], 5);
    here.get(&site, "/purge").await;
    assert_eq!(here.id(), None, "the cookie is removed");
    let seen = there.get(&site, "/").await;
    assert_eq!(seen["n"], Value::Null, "the data is gone elsewhere, too");
    there.get(&site, "/count").await;
    assert_eq!(there.id().as_ref() != Some(&id), F::STRICT);
    assert_eq!(load(&store, &key(&id)).await.is_none(), F::STRICT);
}
