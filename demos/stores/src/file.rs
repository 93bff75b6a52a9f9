//! Sessions in a directory, a file for each.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration as StdDuration, Instant, SystemTime},
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::{cookie::time::Duration, web};
use clap::builder::{OsStringValueParser, TypedValueParser};
use uuid::Uuid;

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record::{self, Malformed},
};

/// The store's name, as pages and logs show it.
pub const NAME: &str = "file";
/// What a server with this store is, for its `--help`.
pub const ABOUT: &str = "The demo with its sessions in files: a restart keeps them, a second server doesn't see them";

/// How often expired files are looked for, at most.
const SWEEP_EVERY: StdDuration = StdDuration::from_secs(60);

/// The options of a [`FileStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Folder of the session files [default: one for each port, in your cache folder]
    // An empty variable is an unset one, as Compose files make them; clap's own parser of paths refuses it.
    #[arg(long, env = "SESSION_DIR", value_name = "DIR", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    session_dir: Option<PathBuf>,

    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Opens the store of the server at `port`: two servers have two stores, and a restarted one finds its own again.
    ///
    /// # Errors
    /// The directory can't be made or written to, or none was named and the user has no cache folder.
    pub async fn open(self, port: u16) -> Result<FileStore, FileStoreError> {
        let named = self.session_dir.filter(|dir| !dir.as_os_str().is_empty());
        let dir = named
            .or_else(|| Some(dirs::cache_dir()?.join(format!("session-workshop/file-{port}"))))
            .ok_or(FileStoreError::NoCacheFolder)?;
        let store = FileStore::open(dir, self.timeouts).await?;
        log::info!("sessions in {}", store.dir().display());
        Ok(store)
    }
}

/// Why a [`FileStore`] can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum FileStoreError {
    /// The directory can't be made or written to.
    #[error("session directory {}: {}; name another with --session-dir or SESSION_DIR", .dir.display(), .source.kind())]
    Directory {
        /// The directory asked for.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// None was named, and there is no default.
    #[error("there is no cache folder for the session files (is HOME set?); name a folder with --session-dir or SESSION_DIR")]
    NoCacheFolder,
}

/// A directory of session files, `<id>.json`, each one [`Record`].
///
/// Adopts: an id it doesn't hold gets an empty session. A file is replaced whole, by renaming, so no reader ever meets
/// half a session, also when the server is killed in the middle of a write; surviving a power cut is not promised. A
/// file's modification time is the session's last use. Expired files are swept at the start, and then at most once a
/// minute when a session is written. File I/O happens on actix-web's blocking threads.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: Arc<Folder>,
}

impl FileStore {
    /// Opens `dir`, making it (mode 0700) if it is missing.
    ///
    /// # Errors
    /// The directory can't be made or written to.
    pub async fn open(dir: PathBuf, timeouts: Timeouts) -> Result<Self, FileStoreError> {
        let folder = Folder { dir, timeouts, next_sweep: Mutex::new(Instant::now()), changing: Mutex::default() };
        let opened = blocking(move || {
            folder.prepare().map_err(|source| FileStoreError::Directory { dir: folder.dir.clone(), source }).map(|()| folder)
        });
        let folder = opened.await.map_err(|source| FileStoreError::Directory { dir: PathBuf::new(), source })??;
        Ok(Self { folder: Arc::new(folder) })
    }

    /// Where the files are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.folder.dir
    }
}

impl SessionStore for FileStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(id) = id::parse(session_key) else { return Ok(None) };
        let folder = Arc::clone(&self.folder);
        let found = blocking(move || folder.load(id)).await.flatten();
        found.map_err(|error| LoadError::Other(error.into()))
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = id::fresh();
        let record = Record::saved(id, session_state, record::now()).map_err(|e| SaveError::Serialization(e.into()))?;
        let folder = Arc::clone(&self.folder);
        let written = blocking(move || folder.write(&record)).await.flatten();
        written.map(|()| id::key(id)).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(&self, session_key: SessionKey, session_state: State, _ttl: &Duration) -> Result<SessionKey, UpdateError> {
        let id = id::parse(&session_key).ok_or_else(|| UpdateError::Other(NotAnId.into()))?;
        let folder = Arc::clone(&self.folder);
        let written = blocking(move || folder.update(id, session_state)).await.flatten();
        written.map(|()| session_key).map_err(|error| UpdateError::Other(error.into()))
    }

    /// Nothing to do: `load` has renewed the idle timeout.
    async fn update_ttl(&self, _session_key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let Some(id) = id::parse(session_key) else { return Ok(()) };
        let folder = Arc::clone(&self.folder);
        Ok(blocking(move || folder.remove(id)).await.flatten()?)
    }
}

/// Runs `work` where it may wait for a disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    web::block(work).await.map_err(io::Error::other)
}

/// The directory itself; everything here may block.
#[derive(Debug)]
struct Folder {
    dir: PathBuf,
    timeouts: Timeouts,
    next_sweep: Mutex<Instant>,
    /// Held by who replaces or removes a file, so that a sweep doesn't look at an old file and remove a new one.
    changing: Mutex<()>,
}

impl Folder {
    fn prepare(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        tempfile::tempfile_in(&self.dir)?;
        self.sweep();
        Ok(())
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// The session, its idle timeout renewed; an empty one if there is none; `None` if what lies there is malformed.
    fn load(&self, id: Uuid) -> io::Result<Option<State>> {
        match self.living(id) {
            Ok(None) => Ok(Some(State::new())),
            Ok(Some((file, record))) => {
                file.set_modified(SystemTime::now())?;
                Ok(Some(record.into_state()))
            }
            Err(ReadError::Io(error)) => Err(error),
            Err(ReadError::Malformed(error)) => {
                let (dir, id) = (self.dir.display(), id.to_string());
                log::warn!("session file {dir}/{}…: {error}; left as it is, the visitor gets a new session", &id[..8]);
                Ok(None)
            }
        }
    }

    fn update(&self, id: Uuid, state: State) -> io::Result<()> {
        if self.timeouts.over_since_load(&state, record::now()) {
            return Ok(());
        }
        let times = match self.living(id) {
            Ok(found) => found.map(|(_, record)| record.times()),
            Err(ReadError::Io(error)) => return Err(error),
            Err(ReadError::Malformed(error)) => return Err(io::Error::other(error)),
        };
        self.write(&Record::updated(id, state, times, record::now())?)
    }

    /// The file and the record in it, unless there is none or its time is over.
    fn living(&self, id: Uuid) -> Result<Option<(File, Record)>, ReadError> {
        let mut file = match File::open(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        if self.unused(&file.metadata()?)? {
            return Ok(None);
        }
        let mut json = Vec::new();
        file.read_to_end(&mut json)?;
        let record = Record::read(id, &json)?;
        Ok((!self.timeouts.over(record.created_at, record::now())).then_some((file, record)))
    }

    /// Whether the file that has this `metadata` has been unused for longer than a session lasts: no session began after
    /// its last use, so the absolute timeout is a limit here as well.
    fn unused(&self, metadata: &fs::Metadata) -> io::Result<bool> {
        let unused = metadata.modified()?.elapsed().unwrap_or_default();
        Ok(self.timeouts.idle.0.into_iter().chain(self.timeouts.absolute.0).any(|limit| unused >= limit))
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        self.sweep_if_due();
        // Mode 0600, and gone by itself if anything fails before the rename.
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.dir)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        file.persist(self.path(record.id)).map_err(|error| error.error)?;
        Ok(())
    }

    fn remove(&self, id: Uuid) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sweep_if_due(&self) {
        let mut next = self.next_sweep.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= *next {
            *next = Instant::now() + self.timeouts.idle.0.map_or(SWEEP_EVERY, |idle| idle.min(SWEEP_EVERY));
            drop(next);
            self.sweep();
        }
    }

    /// Removes what is over, and what a killed server left half written a while ago. Nobody waits for a sweep to
    /// succeed: what can't be removed now is met again next time.
    fn sweep(&self) {
        let Ok(files) = fs::read_dir(&self.dir) else { return };
        for file in files.flatten() {
            let name = file.file_name();
            let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(metadata) = file.metadata() else { continue };
            let abandoned = name.to_string_lossy().starts_with(".new-")
                && metadata.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > SWEEP_EVERY));
            let over = Path::new(&name).extension().is_some_and(|it| it == "json") && self.unused(&metadata).unwrap_or(false);
            if metadata.is_file() && (abandoned || over) {
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

/// Why a file could not be read as a session.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
}
