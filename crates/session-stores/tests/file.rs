//! The promises of [`session_stores::FileStore`] beyond the contract: about its directory, its sweep, and a server that
//! is killed during a write.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod file {
    use std::path::{Path, PathBuf};

    use session_stores::{FileStore, Timeouts};

    mod directory;
    mod irregular;
    mod killed;
    mod sweep;

    async fn open(dir: &Path, timeouts: Timeouts) -> FileStore {
        FileStore::open(dir.to_owned(), timeouts).await.unwrap()
    }

    /// Returns the path of a session's file.
    fn path(store: &FileStore, key: &str) -> PathBuf {
        store.dir().join(format!("{key}.json"))
    }

    /// Returns the names of the files in `dir`, sorted.
    fn files(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}
