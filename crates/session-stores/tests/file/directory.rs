//! The directory of the session files.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use session_stores::{FileStore, Identity, Saved, Store};

use super::{files, open, path};
use crate::common::{FOREVER, begin, change, delete, load, load_stored, n, numbered, try_write};

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
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

#[tokio::test]
async fn a_session_is_one_file_for_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), FOREVER).await;
    let begun = begin(&store, 1).await;
    for _ in 0..2 {
        assert_eq!(files(dir.path()), [format!("{}.json", begun.key)]);
        assert_eq!(mode(path(&store, &begun.key)), 0o600);
        change(&store, &begun.loaded, 2).await.unwrap();
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    for (dir, reason) in [
        (file.join("sessions"), "not a directory"),
        (file, "exists"),
        // Even root can't create a file there.
        ("/proc".into(), "not found"),
    ] {
        let error = FileStore::open(dir.clone(), FOREVER).await.unwrap_err();
        let text = error.to_string();
        for part in ["session directory", dir.to_str().unwrap(), reason] {
            assert!(text.contains(part), "no {part:?} in: {text}");
        }
    }
}

#[tokio::test]
async fn no_session_begins_if_the_directory_has_been_removed() {
    let root = tempfile::tempdir().unwrap();
    let store = open(&root.path().join("sessions"), FOREVER).await;
    let begun = begin(&store, 1).await;
    fs::remove_dir_all(store.dir()).unwrap();
    let written = try_write(&store, None, Identity::Keep, &numbered(2)).await;
    assert!(written.is_err());
    assert!(change(&store, &begun.loaded, 2).await.is_none());
    delete(&store, &begun.key).await;
}

#[tokio::test]
async fn two_stores_on_one_directory_share_its_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (
        open(dir.path(), FOREVER).await,
        open(dir.path(), FOREVER).await,
    );
    let begun = begin(&one, 1).await;
    let found = load(&other, &begun.key).await.unwrap();
    change(&other, &found, 2).await.unwrap();
    let late = one.save(&begun.loaded.record, 1).await.unwrap();
    assert!(matches!(late, Saved::Conflict(newer) if n(&newer) == Some(2)));
    delete(&one, &begun.key).await;
    assert!(load_stored(&other, &begun.key).await.is_none());
}
