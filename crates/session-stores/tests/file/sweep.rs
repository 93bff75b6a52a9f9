//! The sweep runs in the background. The unit tests show which files it removes.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::open;
use crate::common::{HOUR, MINUTE, begin, idle, load_stored, record, unknown_id, wait_until};

const EXPIRED: usize = 20_000;

/// Writes the file of a session that was last used an hour ago.
fn write_expired(dir: &Path) -> PathBuf {
    let id = unknown_id();
    let path = dir.join(format!("{id}.json"));
    fs::write(&path, record(&id)).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - HOUR).unwrap();
    path
}

fn count(dir: &Path) -> usize {
    fs::read_dir(dir).unwrap().count()
}

#[tokio::test]
async fn a_visitor_does_not_wait_for_the_sweep() {
    wait_until("a machine that is not too busy", async || {
        let dir = tempfile::tempdir().unwrap();
        (0..EXPIRED).for_each(|_| drop(write_expired(dir.path())));
        let store = open(dir.path(), idle(MINUTE)).await;
        wait_until("the sweep to start", async || count(dir.path()) < EXPIRED).await;
        let begun = begin(&store, 1).await;
        assert!(load_stored(&store, &begun.key).await.is_some());
        let during_the_sweep = count(dir.path()) > 1;
        wait_until("the end of the sweep", async || count(dir.path()) == 1).await;
        assert!(load_stored(&store, &begun.key).await.is_some());
        during_the_sweep
    })
    .await;
}

#[tokio::test]
async fn expired_sessions_are_removed_while_others_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), idle(Duration::from_millis(100))).await;
    let expired = write_expired(dir.path());
    wait_until("the sweep", async || {
        begin(&store, 1).await;
        !expired.exists()
    })
    .await;
}
