//! Readers never see half a session: not during writes, and not after a writer was killed.

use std::{fs, path::Path, process::Stdio};

use futures_util::future::join_all;
use session_stores::{FileStore, Identity, Loaded, Record, Store};
use tokio::process::{Child, Command};

use super::{files, open};
use crate::common::{FOREVER, change, entries, load_stored, n, wait_until, write};

/// The variable with the directory, for the process that is killed.
const DIR: &str = "WRITE_SESSIONS_INTO";

/// Writes a session of any length, so that a torn one shows. Begins one if none was `loaded`.
async fn write_long(store: &impl Store, loaded: Option<&Loaded>, n: usize) -> Loaded {
    let padding = "x".repeat(n * 7919 % 60_000);
    let changes = entries(&format!(r#"{{"padding":"{padding}","n":{n}}}"#));
    let written = write(store, loaded, Identity::Keep, &changes).await;
    written.unwrap().loaded
}

/// Returns the IDs of the session files in `dir`.
fn ids(dir: &Path) -> Vec<String> {
    let files = files(dir).into_iter();
    files
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect()
}

/// Reads all session files in `dir`, and returns how many there are. Each must be whole.
fn read_all(dir: &Path) -> usize {
    let ids = ids(dir);
    for id in &ids {
        let bytes = fs::read(dir.join(format!("{id}.json"))).unwrap();
        let record: Record =
            serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(*id, record.id.to_string());
    }
    ids.len()
}

async fn write_for_ever(store: &FileStore) {
    let mut session = write_long(store, None, 0).await;
    for n in 0.. {
        session = write_long(store, Some(&session), n).await;
        if n % 16 == 0 {
            write_long(store, None, n).await;
        }
    }
}

/// Starts a process that writes sessions.
fn start_writer(dir: &Path) -> Child {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "file::killed::writes_until_killed", "--ignored"]);
    again.env(DIR, dir).kill_on_drop(true);
    again.stdout(Stdio::null()).stderr(Stdio::null());
    again.spawn().unwrap()
}

#[tokio::test]
#[ignore = "another test starts and kills it"]
async fn writes_until_killed() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let store = open(dir.as_ref(), FOREVER).await;
    join_all([(); 4].map(|()| write_for_ever(&store))).await;
}

#[tokio::test]
async fn a_server_killed_during_writes_leaves_whole_sessions() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..6 {
        let before = read_all(dir.path());
        let mut writer = start_writer(dir.path());
        let mut read = 0;
        wait_until("the writer to write", async || {
            let sessions = read_all(dir.path());
            read += sessions;
            sessions > before + 8 && read > 200
        })
        .await;
        writer.kill().await.unwrap();
        assert!(read_all(dir.path()) > before + 8);
    }

    // The next server uses these sessions.
    let store = open(dir.path(), FOREVER).await;
    for id in ids(dir.path()) {
        let found = load_stored(&store, &id).await.unwrap();
        let changed = change(&store, &found, 1).await.unwrap();
        assert_eq!(n(&changed.loaded), Some(1));
    }
}
