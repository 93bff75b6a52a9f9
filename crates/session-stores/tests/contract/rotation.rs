//! A new ID for the same session.

use std::time::Duration;

use session_stores::{Identity, OldId};

use super::fixture::Fixture;
use crate::common::{
    FOREVER, HOUR, absolute, begin, change, load, load_stored, log_in, n, numbered, pass, rotate,
    text, unknown_id, write,
};

pub(crate) async fn a_rotation_changes_nothing_but_the_id<F: Fixture>(fixture: F) {
    let store = fixture.store(absolute(HOUR)).await;
    for old_id in [OldId::Stops, OldId::Redirects] {
        let begun = begin(&store, 1).await.loaded;
        let old = log_in(&store, Some(&begun), "alice").await.loaded;
        pass(Duration::from_millis(5)).await;
        let new = rotate(&store, &old, old_id).await.unwrap();
        let found = load(&store, &new.key).await.unwrap();
        assert_ne!(found.record.id, old.record.id);
        assert!(found.record.rotated_at > old.record.rotated_at);
        assert!(found.version > old.version && found.version == new.loaded.version);
        assert_eq!(found.record.handle(), old.record.handle());

        let mut expected = old.record;
        expected.id = found.record.id;
        expected.version = found.record.version;
        expected.previous_id = found.record.previous_id;
        expected.rotated_at = found.record.rotated_at;
        expected.updated_at = found.record.updated_at;
        assert_eq!(text(&found.record), text(&expected));
    }
}

/// Someone else may have chosen the ID in the cookie.
pub(crate) async fn a_rotation_or_login_gives_a_new_visitor_a_new_id<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let chosen = unknown_id();
    let unknown = load(&store, &chosen).await;
    for (identity, user) in [
        (Identity::Rotate(OldId::Stops), None),
        (Identity::Rotate(OldId::Redirects), None),
        (Identity::LogIn("alice".to_owned()), Some("alice")),
    ] {
        for loaded in [None, unknown.as_ref()] {
            let written = write(&store, loaded, identity.clone(), &numbered(1)).await;
            let key = written.unwrap().key;
            assert_ne!(key, chosen);
            let found = load_stored(&store, &key).await.unwrap();
            assert_eq!((n(&found), found.record.user.as_deref()), (Some(1), user));
            assert!(load_stored(&store, &chosen).await.is_none());
        }
    }
}

pub(crate) async fn the_old_id_stops_working<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let old = begin(&store, 1).await;
    let new = rotate(&store, &old.loaded, OldId::Stops).await.unwrap();
    // Requests in flight do not revive it.
    assert!(change(&store, &old.loaded, 2).await.is_none());
    let again = rotate(&store, &old.loaded, OldId::Redirects).await;
    assert!(again.is_none());
    assert!(load_stored(&store, &old.key).await.is_none());
    let found = load(&store, &new.key).await.unwrap();
    assert_eq!(text(&found.record), text(&new.loaded.record));

    let login = log_in(&store, Some(&new.loaded), "alice").await;
    assert!(load_stored(&store, &new.key).await.is_none());
    assert_eq!(n(&load(&store, &login.key).await.unwrap()), Some(1));
}
