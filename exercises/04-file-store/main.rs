//! Exercise 4: a store that keeps each session in a file, and never keeps half of one.

use std::{
    collections::HashMap,
    env, fs, io,
    path::{Path, PathBuf},
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::Context;
use counter::Counter;
use server::{Server, Settings, State};
use uuid::Uuid;

/// Keeps each session as a file `<id>.json` in one folder.
#[derive(Clone)]
struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// Replaces the content of the file at `path`, which is in `self.folder`, with `json`.
    ///
    /// If that fails, or if the server is killed meanwhile, the file keeps its old content.
    fn write(&self, path: &Path, json: &str) -> io::Result<()> {
        // --- YOUR TURN
        // TODO: a server that is killed here leaves half a file.
        fs::write(path, json)
        // --- UNTIL HERE
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn get(&self, id: &str) -> anyhow::Result<State> {
        match fs::read_to_string(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
            json => serde_json::from_str(&json?).context("the session file is not valid"),
        }
    }

    fn set(&self, id: &str, state: &State) -> anyhow::Result<()> {
        let json = serde_json::to_string(state)?;
        self.write(&self.path(id), &json)
            .context("cannot write the session file")
    }
}

/// The methods block the worker while they access the disk. The store in
/// crates/session-stores/src/file/mod.rs accesses the disk on separate threads.
impl SessionStore for FileStore {
    /// Returns an empty session for an unknown ID, so that the visitor's cookie stays valid.
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        self.get(key.as_ref()).map(Some).map_err(LoadError::Other)
    }

    /// Stores a new session under a new ID.
    async fn save(&self, state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        self.set(&id, &state).map_err(SaveError::Other)?;
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    /// Stores a session that was loaded and has changed.
    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.set(key.as_ref(), &state).map_err(UpdateError::Other)?;
        Ok(key)
    }

    /// Does nothing: sessions in this store don't expire.
    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(fs::remove_file(self.path(key.as_ref()))?)
    }
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let folder = env::var_os("SESSION_DIR")
            .unwrap_or_else(|| ".workshop/file-store".into())
            .into();
        fs::create_dir_all(&folder)?;
        let server = Server::bind(Settings::from_env())?;
        Ok(server.serve("file", FileStore { folder }, Counter).await?)
    })
    .await;
}
