//! What is over goes; nothing else does.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use actix_session::storage::SessionStore;
use session_stores::{FileStore, Timeouts};
use testkit::wait_until;

use crate::common::{
    FOREVER, PATIENCE, TTL, absolute, data, idle, load, numbered, record, unknown,
};

const HOUR: Duration = Duration::from_secs(3600);

/// Lays a file that was last touched `age` ago.
fn lay(dir: &Path, name: &str, text: &str, age: Duration) {
    fs::write(dir.join(name), text).unwrap();
    File::options()
        .write(true)
        .open(dir.join(name))
        .unwrap()
        .set_modified(SystemTime::now() - age)
        .unwrap();
}

/// Opens a store on a directory in which files with these names and ages lie; returns those that are left.
async fn left_of(files: &[(&str, Duration)], timeouts: Timeouts) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    for (name, age) in files {
        lay(
            dir.path(),
            name,
            &record("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e"),
            *age,
        );
    }
    FileStore::open(dir.path().to_owned(), timeouts)
        .await
        .unwrap();
    let mut left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    left
}

#[actix_web::test]
async fn expired_sessions_are_swept_at_the_start() {
    let files = [
        ("old.json", HOUR * 2),
        ("young.json", HOUR / 2),
        ("old.txt", HOUR * 2),
    ];
    assert_eq!(
        left_of(&files, idle(HOUR)).await,
        ["old.txt", "young.json"],
        "what is not a session stays"
    );
    assert_eq!(
        left_of(&files, FOREVER).await,
        ["old.json", "old.txt", "young.json"]
    );
}

#[actix_web::test]
async fn what_was_last_used_before_the_absolute_timeout_is_swept_as_well() {
    let files = [("old.json", HOUR * 2), ("young.json", HOUR / 2)];
    assert_eq!(left_of(&files, absolute(HOUR)).await, ["young.json"]);
    assert_eq!(
        left_of(
            &files,
            Timeouts {
                absolute: absolute(HOUR).absolute,
                ..idle(HOUR * 3)
            }
        )
        .await,
        ["young.json"]
    );
}

#[actix_web::test]
async fn what_a_killed_server_left_half_written_is_swept_once_it_is_old() {
    let files = [(".new-abcdef", Duration::ZERO), (".new-ghijkl", HOUR)];
    assert_eq!(
        left_of(&files, FOREVER).await,
        [".new-abcdef"],
        "a young one may be another server's, at work"
    );
}

#[actix_web::test]
async fn a_half_written_file_is_no_session_and_is_in_nobodys_way() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileStore::open(dir.path().to_owned(), FOREVER)
        .await
        .unwrap();
    fs::write(dir.path().join(".new-abcdef"), r#"{"ID":"#).unwrap();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    assert_eq!(load(&store, &key).await.map(data), Some(numbered(1)));
    assert_eq!(
        store.load(&unknown()).await.unwrap(),
        Some(session_stores::State::new())
    );
}

#[actix_web::test]
async fn expired_sessions_are_swept_while_others_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileStore::open(dir.path().to_owned(), idle(Duration::from_millis(100)))
        .await
        .unwrap();
    lay(dir.path(), "old.json", "", HOUR);
    wait_until("the sweep", PATIENCE, async || {
        store.save(numbered(1), &TTL).await?;
        Ok((!dir.path().join("old.json").exists()).then_some(()))
    })
    .await
    .unwrap();
}
