//! FIFOs, folders, sockets and links that are named like session files.

use std::{
    fs::{self, File},
    os::unix::{fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
};

use session_stores::Store;

use super::{open, path};
use crate::common::{FOREVER, access, begin, log};

/// Makes something at `path` that is not a regular file. `session` is one.
fn make(kind: &str, path: &Path, session: &Path) {
    match kind {
        "FIFO" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "folder" => fs::create_dir(path).unwrap(),
        "socket" => drop(UnixListener::bind(path).unwrap()),
        _ => symlink(session, path).unwrap(),
    }
}

#[tokio::test]
async fn what_is_not_a_regular_file_is_malformed() {
    log::keep();
    for kind in ["FIFO", "folder", "socket", "link"] {
        let root = tempfile::tempdir().unwrap();
        let store = open(root.path(), FOREVER).await;
        let begun = begin(&store, 1).await;
        let (path, session) = (path(&store, &begun.key), root.path().join("moved"));
        fs::rename(&path, &session).unwrap();
        make(kind, &path, &session);

        let access = access(&store);
        let record = &begun.loaded.record;
        let loaded = access.load(&begun.key).await;
        let written = [
            access.wait(store.save(record, 1)).await,
            access.wait(store.create(record)).await,
        ];
        let is_file = fs::symlink_metadata(&path).unwrap().is_file();
        // Threads that hang at the FIFO go on when it is opened, removed and closed.
        let fifo = File::options().read(true).write(true).open(&path);
        drop((root, fifo));

        assert!(loaded.unwrap().is_none(), "{kind}");
        assert!(written.iter().all(Result::is_err), "{kind}: {written:?}");
        assert!(!is_file, "the {kind} was replaced");
        let lines = log::lines_about(&begun.key);
        let warned = lines.iter().any(|line| line.starts_with("WARN"));
        assert!(warned, "{lines:?}");
    }
}
