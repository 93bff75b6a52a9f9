//! Readers never see half a session: not during writes, and not after a writer was killed.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use actix_session::storage::SessionKey;
use actix_web::rt::{System, spawn};
use session_stores::{FileStore, Record, State};

use super::{files, open};
use crate::common::{FOREVER, key, load, numbered, same, save, update, wait};

/// The variable with the directory, for the process that is killed.
const DIR: &str = "WRITE_SESSIONS_INTO";

/// Returns states of very different lengths, so that a torn one shows.
fn state(n: usize) -> State {
    let padding = "x".repeat(n * 7919 % 60_000);
    State::from([
        ("padding".to_owned(), format!("\"{padding}\"")),
        ("n".to_owned(), n.to_string()),
    ])
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

async fn write_for_ever(store: FileStore, key: SessionKey) {
    for n in 0.. {
        update(&store, &key, state(n)).await;
        if n % 16 == 0 {
            save(&store, state(n)).await;
        }
    }
}

/// Stops the writers, even if the reader fails.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[actix_web::test]
async fn a_reader_sees_only_whole_sessions_during_writes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), FOREVER).await;
    let key = save(&store, state(1)).await;
    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let write = async |store: FileStore, key: SessionKey| {
        while !stop.load(Ordering::Relaxed) {
            let n = written.fetch_add(1, Ordering::Relaxed);
            update(&store, &key, state(n)).await;
        }
    };
    thread::scope(|scope| {
        let _stop = StopOnDrop(&stop);
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let (store, key, write) = (store.clone(), same(&key), &write);
                scope.spawn(move || System::new().block_on(write(store, key)))
            })
            .collect();
        let mut read = 0;
        while read < 200 || written.load(Ordering::Relaxed) < 300 {
            read += read_all(dir.path());
            let failed = writers.iter().any(thread::ScopedJoinHandle::is_finished);
            assert!(!failed, "a writer has failed");
        }
    });
}

/// A process that writes sessions. It is killed with SIGKILL at the end of the test.
struct Writer(Child);

impl Writer {
    fn start(dir: &Path) -> Self {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "file::killed::writes_until_killed", "--ignored"]);
        again.env(DIR, dir);
        again.stdout(Stdio::null()).stderr(Stdio::null());
        Self(again.spawn().unwrap())
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[actix_web::test]
#[ignore = "another test starts and kills it"]
async fn writes_until_killed() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let store = open(dir.as_ref(), FOREVER).await;
    for _ in 0..4 {
        let key = save(&store, state(0)).await;
        spawn(write_for_ever(store.clone(), key));
    }
    std::future::pending::<()>().await;
}

#[actix_web::test]
async fn a_server_killed_during_writes_leaves_whole_sessions() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..6 {
        let before = read_all(dir.path());
        let mut writer = Writer::start(dir.path());
        wait("the writer to write", async || {
            Ok((read_all(dir.path()) > before + 8).then_some(()))
        })
        .await;
        writer.kill();
        assert!(read_all(dir.path()) > before + 8);
    }

    // The next server uses these sessions.
    let store = open(dir.path(), FOREVER).await;
    let ids = ids(dir.path());
    for id in &ids {
        let state = load(&store, &key(id)).await.unwrap();
        assert!(state.contains_key("n"));
        update(&store, &key(id), numbered(1)).await;
    }
    assert!(ids.len() > 6 * 8);
}
