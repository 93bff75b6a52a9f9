//! Sessions with a user.

use std::time::Duration;

use session_stores::{Identity, OldId};
use time::OffsetDateTime;

use super::fixture::Fixture;
use crate::common::{
    FOREVER, HOUR, absolute, begin, change, delete, entries, load, load_stored, log_in, n, pass,
    rotate, write,
};

pub(crate) async fn a_login_begins_a_session_of_the_user<F: Fixture>(fixture: F) {
    const NAME: &str = "a \"b\" 🦀";
    let store = fixture.store(absolute(HOUR)).await;
    let begun = begin(&store, 1).await.loaded;
    pass(Duration::from_millis(5)).await;
    let login = log_in(&store, Some(&begun), NAME).await;
    let found = load(&store, &login.key).await.unwrap();
    let (old, new) = (&begun.record, &found.record);
    assert_eq!(new.user.as_deref(), Some(NAME));
    assert_eq!(n(&found), Some(1), "the entries stay");
    assert!(new.id != old.id && new.handle() != old.handle());
    assert!(new.created_at > old.created_at);
    assert_eq!(new.rotated_at, new.created_at);
    assert_eq!(new.expires_at, Some(new.created_at + HOUR));
    assert_eq!(new.previous_id, None);
}

pub(crate) async fn a_session_keeps_its_user<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let login = log_in(&store, None, "alice").await.loaded;
    let changed = change(&store, &login, 1).await.unwrap().loaded;
    let clear = entries(r#"{"*":null}"#);
    let cleared = write(&store, Some(&changed), Identity::Keep, &clear).await;
    let cleared = cleared.unwrap().loaded;
    let rotated = rotate(&store, &cleared, OldId::Stops).await.unwrap();
    let found = load(&store, &rotated.key).await.unwrap().record;
    assert!(found.data.is_empty());
    assert_eq!(found.user.as_deref(), Some("alice"));
    assert_eq!(found.handle(), login.record.handle());
    assert_eq!(found.created_at, login.record.created_at);
}

pub(crate) async fn another_user_does_not_inherit_entries<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let mut loaded = begin(&store, 1).await.loaded;
    // The entries of an anonymous session become alice's, and stay hers when she logs in again.
    for (user, expected) in [("alice", Some(1)), ("alice", Some(1)), ("bob", None)] {
        let before = loaded.record.handle();
        let login = log_in(&store, Some(&loaded), user).await;
        loaded = load(&store, &login.key).await.unwrap();
        assert_eq!(
            (loaded.record.user.as_deref(), n(&loaded)),
            (Some(user), expected)
        );
        assert_ne!(loaded.record.handle(), before);
    }
}

pub(crate) async fn a_login_works_after_its_session_has_ended<F: Fixture>(fixture: F) {
    let store = fixture.store(absolute(HOUR)).await;
    let deleted = begin(&store, 1).await;
    delete(&store, &deleted.key).await;
    let mut expired = begin(&store, 1).await;
    expired.loaded.record.expires_at = Some(OffsetDateTime::now_utc() - HOUR);
    for old in [deleted, expired] {
        let login = log_in(&store, Some(&old.loaded), "alice").await;
        let found = load_stored(&store, &login.key).await.unwrap();
        assert_eq!(found.record.user.as_deref(), Some("alice"));
    }
}

pub(crate) async fn two_logins_at_once_get_a_session_each<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for earlier in ["alice", "bob"] {
        let old = begin(&store, 1).await;
        let first = log_in(&store, Some(&old.loaded), earlier).await;
        let second = log_in(&store, Some(&old.loaded), "alice").await;
        assert_ne!(first.key, second.key);
        for (login, user) in [(first, earlier), (second, "alice")] {
            let found = load_stored(&store, &login.key).await.unwrap();
            assert_eq!(found.record.user.as_deref(), Some(user));
        }
        assert!(load_stored(&store, &old.key).await.is_none());
    }
}
