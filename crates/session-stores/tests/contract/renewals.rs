//! [`session_stores::renew`] and [`session_stores::rotate`].

use std::time::Duration;

use actix_session::storage::SessionStore;
use serde_json::Value;
use session_stores::{RESERVED, State, renew};

use super::{fixture::Fixture, timeouts::lifetime};
use crate::common::{
    FOREVER, RENEWALS, absolute, begin, changed, data, handled, load, load_data, logged_in,
    numbered, pass, request, save,
    site::{Visitor, site},
    times, update, user,
};

const A_MOMENT: Duration = Duration::from_millis(5);

pub(crate) async fn a_renewal_keeps_entries_start_and_user<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for renewal in RENEWALS {
        let (old, state) = logged_in(&store, "alice").await;
        pass(A_MOMENT).await;
        let new = request(&store, &old, state.clone(), renewal).await;
        assert_ne!(new, old);
        let renewed = load(&store, &new).await.unwrap();
        assert_eq!(times(&renewed).created_at, times(&state).created_at);
        assert!(times(&renewed).rotated_at > times(&state).rotated_at);
        assert_eq!(user(&renewed).as_deref(), Some("alice"));
        assert_eq!(data(renewed), numbered(1));
    }
}

pub(crate) async fn the_old_id_stops_working_after_renew<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (old, before) = (visitor.id().unwrap(), visitor.get(&site, "/").await);
    visitor.get(&site, "/renew").await;
    assert_ne!(visitor.id().unwrap(), old);
    assert_eq!(visitor.get(&site, "/").await, before);
    assert_eq!(Visitor::of(&old).get(&site, "/").await["n"], Value::Null);
}

pub(crate) async fn a_renewal_leaves_no_trace_in_the_data<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for renewal in RENEWALS {
        let (old, state) = begin(&store).await;
        let new = request(&store, &old, state, renewal).await;
        let again = load(&store, &new).await.unwrap();
        let kept = update(&store, &new, again).await;
        assert_eq!(kept, new, "it was renewed once");
        assert!(!format!("{:?}", fixture.dump(&store)).contains(RESERVED));
    }
}

pub(crate) async fn a_renewal_does_not_revive_an_ended_session<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for renewal in RENEWALS {
        let (key, state) = logged_in(&store, "alice").await;
        let start = times(&state).created_at;
        store.delete(&key).await.unwrap();
        pass(A_MOMENT).await;
        let updated = request(&store, &key, state, renewal).await;
        let found = load(&store, &updated).await;
        if F::STRICT {
            assert_eq!((found, updated), (None, key));
            assert!(fixture.dump(&store).is_empty());
        } else {
            let found = found.unwrap();
            assert!(times(&found).created_at > start, "it is another session");
            assert_eq!(user(&found), None);
        }
    }
}

pub(crate) async fn a_change_in_flight_does_not_revive_the_old_id<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (old, state) = logged_in(&store, "alice").await;
    let new = request(&store, &old, state.clone(), renew).await;
    let updated = update(&store, &old, changed(&state, 2)).await;
    assert_ne!(updated, new, "the late request does not learn the new ID");
    let found = load(&store, &old).await;
    assert_eq!(found.is_none(), F::STRICT);
    assert_eq!(found.as_ref().and_then(user), None);
    assert_eq!(load_data(&store, &new).await, Some(numbered(1)));
}

pub(crate) async fn the_absolute_timeout_counts_through_renewals<F: Fixture>(fixture: F) {
    const LIMIT: Duration = Duration::from_millis(150);
    let store = fixture.store(absolute(LIMIT)).await;
    for renewal in RENEWALS {
        let lasted = lifetime(&store, async |store, key, state| {
            request(store, &key, state, renewal).await
        })
        .await;
        assert!(lasted >= LIMIT, "ended after {lasted:?}");
    }
}

pub(crate) async fn a_renewal_begins_a_session_for_a_new_visitor<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for renewal in RENEWALS {
        let key = save(&store, handled(State::new(), renewal)).await;
        assert_eq!(load_data(&store, &key).await, Some(State::new()));
    }
}

pub(crate) async fn clear_cancels_a_renewal<F: Fixture>(fixture: F) {
    let site = site(fixture.store(FOREVER).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    let (id, start) = (visitor.id(), visitor.get(&site, "/").await["began"].clone());
    visitor.get(&site, "/renew+clear+count").await;
    assert_eq!(visitor.id(), id);
    // In the other order the session is renewed, and keeps its start.
    visitor.get(&site, "/clear+renew+count").await;
    assert_ne!(visitor.id(), id);
    let now = visitor.get(&site, "/").await;
    assert_eq!((&now["n"], &now["began"]), (&Value::from(0), &start));
}

pub(crate) async fn a_purge_outranks_a_renewal<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
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
        assert!(fixture.dump(&store).is_empty(), "{steps}");
    }
}
