//! The directory of the session files.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use actix_session::storage::SessionStore;
use session_stores::{FileStore, State};

use super::{files, open};
use crate::common::{FOREVER, TTL, changed, load, load_data, numbered, same, save, update};

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[actix_web::test]
async fn a_missing_directory_is_created_for_its_owner_only() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("some/where/sessions");
    let store = open(&dir, FOREVER).await;
    assert_eq!(store.dir(), dir);
    for created in ["some", "some/where", "some/where/sessions"] {
        assert_eq!(mode(root.path().join(created)), 0o700, "{created}");
    }
    assert!(files(&dir).is_empty(), "the test of the directory is gone");
    open(&dir, FOREVER).await;
}

#[actix_web::test]
async fn a_session_is_one_file_for_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), FOREVER).await;
    let key = save(&store, numbered(1)).await;
    let name = format!("{}.json", key.as_ref());
    for _ in 0..2 {
        assert_eq!(files(dir.path()), [name.as_str()]);
        assert_eq!(mode(dir.path().join(&name)), 0o600);
        update(&store, &key, numbered(2)).await;
    }
}

#[actix_web::test]
async fn a_link_in_the_place_of_a_session_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let outside = root.path().join("theirs.json");
    fs::write(&outside, "theirs").unwrap();
    let store = open(&root.path().join("sessions"), FOREVER).await;
    let key = save(&store, numbered(1)).await;
    let file = store.dir().join(format!("{}.json", key.as_ref()));
    fs::remove_file(&file).unwrap();
    symlink(&outside, &file).unwrap();
    assert_eq!(load(&store, &key).await, None, "its target is malformed");
    assert!(store.update(same(&key), numbered(2), &TTL).await.is_err());
    store.delete(&key).await.unwrap();
    // The absolute path of a file is not a key either.
    let path = crate::common::key(root.path().join("theirs").to_str().unwrap());
    assert_eq!(load(&store, &path).await, None);
    assert!(store.update(same(&path), numbered(2), &TTL).await.is_err());
    store.delete(&path).await.unwrap();
    assert_eq!(fs::read_to_string(outside).unwrap(), "theirs");
}

#[actix_web::test]
async fn a_directory_that_cannot_be_created_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    for (dir, reason) in [(file.join("sessions"), "not a directory"), (file, "exists")] {
        let error = FileStore::open(dir.clone(), FOREVER).await.unwrap_err();
        let text = error.to_string();
        for part in [
            "session directory",
            dir.to_str().unwrap(),
            reason,
            "--session-dir",
            "SESSION_DIR",
        ] {
            assert!(text.contains(part), "no {part:?} in: {text}");
        }
    }
}

#[actix_web::test]
async fn writes_fail_if_the_directory_has_been_removed() {
    let root = tempfile::tempdir().unwrap();
    let store = open(&root.path().join("sessions"), FOREVER).await;
    let key = save(&store, numbered(1)).await;
    fs::remove_dir_all(store.dir()).unwrap();
    assert!(store.save(numbered(2), &TTL).await.is_err());
    assert!(store.update(same(&key), numbered(2), &TTL).await.is_err());
    store.delete(&key).await.unwrap();
}

#[actix_web::test]
async fn two_stores_on_one_directory_share_its_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (
        open(dir.path(), FOREVER).await,
        open(dir.path(), FOREVER).await,
    );
    let key = save(&one, numbered(1)).await;
    let state = load(&other, &key).await.unwrap();
    update(&other, &key, changed(&state, 2)).await;
    assert_eq!(load_data(&one, &key).await, Some(numbered(2)));
    one.delete(&key).await.unwrap();
    assert_eq!(load(&other, &key).await, Some(State::new()));
}
