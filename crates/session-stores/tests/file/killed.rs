//! Nobody ever meets half a session: not while others write, not after a writer was killed.

use std::{
    collections::HashSet,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use actix_session::storage::{SessionKey, SessionStore};
use actix_web::rt::{System, spawn};
use session_stores::{FileStore, Record, State};
use testkit::wait_until;

use crate::common::{FOREVER, PATIENCE, TTL, key, load, numbered, same};

/// Set for the process that is to be killed.
const DIR: &str = "WRITE_SESSIONS_INTO";

/// States of very different lengths, so that one that is torn shows.
fn state(n: usize) -> State {
    State::from([
        (
            "padding".to_owned(),
            format!("\"{}\"", "x".repeat(n * 7919 % 60_000)),
        ),
        ("n".to_owned(), n.to_string()),
    ])
}

/// Reads everything in `dir` that is called a session; returns how many there were.
fn all_whole(dir: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "json") {
            let bytes = fs::read(&path).unwrap();
            let record: Record = serde_json::from_slice(&bytes)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(
                path.file_stem().unwrap().to_str().unwrap(),
                record.id.to_string()
            );
            count += 1;
        }
    }
    count
}

async fn write_for_ever(store: FileStore, key: SessionKey) {
    for n in 0.. {
        store.update(same(&key), state(n), &TTL).await.unwrap();
        if n % 16 == 0 {
            store.save(state(n), &TTL).await.unwrap();
        }
    }
}

/// Tells the writers to stop, also when the reader fails.
struct Enough<'a>(&'a AtomicBool);

impl Drop for Enough<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[actix_web::test]
async fn a_reader_meets_whole_sessions_only_while_many_write() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileStore::open(dir.path().to_owned(), FOREVER)
        .await
        .unwrap();
    let key = store.save(state(1), &TTL).await.unwrap();
    let (enough, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let write = async |store: FileStore, key: SessionKey| {
        while !enough.load(Ordering::Relaxed) {
            store
                .update(
                    same(&key),
                    state(written.fetch_add(1, Ordering::Relaxed)),
                    &TTL,
                )
                .await
                .unwrap();
        }
    };
    thread::scope(|scope| {
        let _enough = Enough(&enough);
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let (store, key, write) = (store.clone(), same(&key), &write);
                scope.spawn(move || System::new().block_on(write(store, key)))
            })
            .collect();
        let mut read = 0;
        while read < 200 || written.load(Ordering::Relaxed) < 300 {
            read += all_whole(dir.path());
            assert!(
                !writers.iter().any(thread::ScopedJoinHandle::is_finished),
                "a writer has failed"
            );
        }
    });
}

/// A process that is ended with the test, however that ends.
struct Writer(Child);

impl Writer {
    fn start(dir: &Path) -> Self {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again
            .args([
                "--exact",
                "file::killed::the_process_that_is_to_be_killed",
                "--ignored",
            ])
            .env(DIR, dir);
        Self(
            again
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }

    /// With SIGKILL: nothing is finished, nothing is tidied up.
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
#[ignore = "another test starts it, to kill it"]
async fn the_process_that_is_to_be_killed() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let store = FileStore::open(dir.into(), FOREVER).await.unwrap();
    for _ in 0..4 {
        let key = store.save(state(0), &TTL).await.unwrap();
        spawn(write_for_ever(store.clone(), key));
    }
    std::future::pending::<()>().await;
}

#[actix_web::test]
async fn a_server_killed_while_it_writes_leaves_whole_sessions_only() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..6 {
        let before = all_whole(dir.path());
        let mut writer = Writer::start(dir.path());
        wait_until("the writer to be at work", PATIENCE, async || {
            Ok((all_whole(dir.path()) > before + 8).then_some(()))
        })
        .await
        .unwrap();
        writer.kill();
        assert!(all_whole(dir.path()) > before + 8);
    }

    // The next server goes on with them.
    let store = FileStore::open(dir.path().to_owned(), FOREVER)
        .await
        .unwrap();
    let mut ids = HashSet::new();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(id) = name.strip_suffix(".json") {
            let state = load(&store, &key(id)).await.expect("a whole session");
            assert!(state.contains_key("n"));
            store.update(key(id), numbered(1), &TTL).await.unwrap();
            ids.insert(id.to_owned());
        }
    }
    assert!(ids.len() > 6 * 8);
}
