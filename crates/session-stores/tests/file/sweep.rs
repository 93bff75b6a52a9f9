//! The sweep removes expired sessions and nothing else.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use session_stores::{State, Timeouts};

use super::{files, open};
use crate::common::{
    FOREVER, HOUR, absolute, both, idle, load, load_data, numbered, record, save, unknown, wait,
};

/// Writes a file that was last used `age` ago.
fn write(dir: &Path, name: &str, age: Duration) {
    let text = record("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e");
    fs::write(dir.join(name), text).unwrap();
    let file = File::options().write(true).open(dir.join(name)).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

/// Opens a store on a directory with files of these names and ages, and returns those that are left.
async fn left_of(ages: &[(&str, Duration)], timeouts: Timeouts) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    for (name, age) in ages {
        write(dir.path(), name, *age);
    }
    open(dir.path(), timeouts).await;
    files(dir.path())
}

#[actix_web::test]
async fn expired_sessions_are_removed_at_the_start() {
    let ages = [
        ("new.json", HOUR / 2),
        ("old.json", HOUR * 2),
        ("old.txt", HOUR * 2),
    ];
    let all = ["new.json", "old.json", "old.txt"];
    assert_eq!(left_of(&ages, FOREVER).await, all);
    for timeouts in [idle(HOUR), absolute(HOUR), both(HOUR * 3, HOUR)] {
        assert_eq!(left_of(&ages, timeouts).await, ["new.json", "old.txt"]);
    }
}

/// A new temporary file may belong to a server that is writing it.
#[actix_web::test]
async fn old_temporary_files_are_removed() {
    let ages = [(".new-abcdef", Duration::ZERO), (".new-ghijkl", HOUR)];
    assert_eq!(left_of(&ages, FOREVER).await, [".new-abcdef"]);
}

#[actix_web::test]
async fn temporary_files_do_not_disturb() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), FOREVER).await;
    fs::write(dir.path().join(".new-abcdef"), r#"{"ID":"#).unwrap();
    let key = save(&store, numbered(1)).await;
    assert_eq!(load_data(&store, &key).await, Some(numbered(1)));
    assert_eq!(load(&store, &unknown()).await, Some(State::new()));
}

#[actix_web::test]
async fn expired_sessions_are_removed_while_others_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), idle(Duration::from_millis(100))).await;
    write(dir.path(), "old.json", HOUR);
    wait("the sweep", async || {
        save(&store, numbered(1)).await;
        Ok((!dir.path().join("old.json").exists()).then_some(()))
    })
    .await;
}
