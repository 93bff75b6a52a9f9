//! The directory and the files in it.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use actix_session::storage::SessionStore;
use session_stores::FileStore;

use crate::common::{FOREVER, TTL, data, key, load, numbered, same};

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[actix_web::test]
async fn a_missing_directory_is_made_for_its_owner_only_with_all_that_leads_to_it() {
    let world = tempfile::tempdir().unwrap();
    let dir = world.path().join("some/where/sessions");
    let store = FileStore::open(dir.clone(), FOREVER).await.unwrap();
    assert_eq!(store.dir(), dir);
    for made in ["some", "some/where", "some/where/sessions"] {
        assert_eq!(mode(world.path().join(made)), 0o700, "{made}");
    }
    assert!(names(&dir).is_empty(), "trying it out leaves nothing");
    FileStore::open(dir, FOREVER)
        .await
        .expect("one that is there is opened");
}

#[actix_web::test]
async fn a_session_is_one_file_for_its_owner_only_also_after_a_change() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileStore::open(dir.path().to_owned(), FOREVER)
        .await
        .unwrap();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let name = format!("{}.json", key.as_ref());
    for _ in 0..2 {
        assert_eq!(names(dir.path()), [name.as_str()]);
        assert_eq!(mode(dir.path().join(&name)), 0o600);
        store.update(same(&key), numbered(2), &TTL).await.unwrap();
    }
}

#[actix_web::test]
async fn no_name_leads_out_of_the_directory() {
    let world = tempfile::tempdir().unwrap();
    let outside = world.path().join("x.json");
    fs::write(&outside, "theirs").unwrap();
    let store = FileStore::open(world.path().join("sessions"), FOREVER)
        .await
        .unwrap();
    for name in [
        "../x",
        "../../x",
        "./../x",
        "sessions/../../x",
        world.path().join("x").to_str().unwrap(),
    ] {
        let key = key(name);
        assert_eq!(load(&store, &key).await, None);
        assert!(store.update(same(&key), numbered(1), &TTL).await.is_err());
        store.delete(&key).await.unwrap();
    }
    assert_eq!(fs::read_to_string(outside).unwrap(), "theirs");
    assert!(names(store.dir()).is_empty());
}

#[actix_web::test]
async fn a_link_in_the_place_of_a_session_is_never_written_through() {
    let world = tempfile::tempdir().unwrap();
    let outside = world.path().join("theirs");
    fs::write(&outside, "theirs").unwrap();
    let store = FileStore::open(world.path().join("sessions"), FOREVER)
        .await
        .unwrap();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let file = store.dir().join(format!("{}.json", key.as_ref()));
    let aside = store.dir().join("aside");
    fs::rename(&file, aside).unwrap();
    symlink(&outside, &file).unwrap();
    assert_eq!(
        load(&store, &key).await,
        None,
        "what it leads to is malformed"
    );
    assert!(store.update(same(&key), numbered(2), &TTL).await.is_err());
    store.delete(&key).await.unwrap();
    assert_eq!(fs::read_to_string(outside).unwrap(), "theirs");
}

#[actix_web::test]
async fn below_a_regular_file_there_is_no_directory_and_the_error_says_so() {
    let world = tempfile::tempdir().unwrap();
    let file = world.path().join("file");
    fs::write(&file, "").unwrap();
    for (dir, reason) in [(file.join("sessions"), "not a directory"), (file, "exists")] {
        let text = FileStore::open(dir.clone(), FOREVER)
            .await
            .unwrap_err()
            .to_string();
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
async fn a_directory_that_is_taken_away_is_an_error_at_writes_and_no_panic() {
    let world = tempfile::tempdir().unwrap();
    let store = FileStore::open(world.path().join("sessions"), FOREVER)
        .await
        .unwrap();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    fs::remove_dir_all(store.dir()).unwrap();
    assert!(store.save(numbered(2), &TTL).await.is_err());
    assert!(store.update(same(&key), numbered(2), &TTL).await.is_err());
    store.delete(&key).await.unwrap();
}

#[actix_web::test]
async fn two_stores_on_one_directory_see_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let one = FileStore::open(dir.path().to_owned(), FOREVER)
        .await
        .unwrap();
    let other = FileStore::open(dir.path().to_owned(), FOREVER)
        .await
        .unwrap();
    let key = one.save(numbered(1), &TTL).await.unwrap();
    let mut state = load(&other, &key).await.unwrap();
    state.extend(numbered(2));
    other.update(same(&key), state, &TTL).await.unwrap();
    assert_eq!(load(&one, &key).await.map(data), Some(numbered(2)));
    one.delete(&key).await.unwrap();
    assert_eq!(
        load(&other, &key).await.map(data),
        Some(session_stores::State::new())
    );
}
