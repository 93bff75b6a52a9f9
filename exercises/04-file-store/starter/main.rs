//! Exercise 4. A store that keeps each session in a file, and never half of one.

use std::{
    collections::HashMap,
    env, fs, io,
    path::{Path, PathBuf},
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::Context;
use counter::Counter;
use server::{Server, Settings};
use session_stores::State;
use uuid::Uuid;

/// Files `<id>.json` in one folder.
#[derive(Clone)]
struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// Makes `json` the whole content of the file at `path`, which is in `self.folder`. If that fails, or the server is
    /// killed meanwhile, the file is what it was before.
    fn write(&self, path: &Path, json: &str) -> io::Result<()> {
        // --- YOUR TURN
        fs::write(path, json)
        // --- UNTIL HERE
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn get(&self, id: &str) -> anyhow::Result<State> {
        match fs::read_to_string(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
            json => serde_json::from_str(&json?).context("a file that is not a session"),
        }
    }

    fn set(&self, id: &str, state: &State) -> anyhow::Result<()> {
        let json = serde_json::to_string(state)?;
        self.write(&self.path(id), &json)
            .context("a session that could not be written")
    }
}

/// A worker waits here for the disk. crates/session-stores/src/file/mod.rs has threads wait that are made for it.
impl SessionStore for FileStore {
    /// An id without a session gets an empty one: the visitor's cookie stays as it is.
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        self.get(key.as_ref()).map(Some).map_err(LoadError::Other)
    }

    /// A session that has no id yet.
    async fn save(&self, state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        self.set(&id, &state).map_err(SaveError::Other)?;
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    /// A session that was loaded, and has changed since.
    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.set(key.as_ref(), &state).map_err(UpdateError::Other)?;
        Ok(key)
    }

    /// This store has no expiry.
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
