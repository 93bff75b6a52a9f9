//! The directory of the session files. All functions may block.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use uuid::Uuid;

use crate::{
    Record, State, Timeouts,
    record::{self, Malformed},
};

/// Shortest time between two sweeps, which remove expired files.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) dir: PathBuf,
    timeouts: Timeouts,
    next_sweep: Mutex<Instant>,
    /// Held while a file is first inspected and then replaced or removed. Otherwise a change could restore a session
    /// that a logout has just removed, and a sweep could remove a file that has just been replaced.
    changing: Mutex<()>,
}

impl Folder {
    pub(super) fn new(dir: PathBuf, timeouts: Timeouts) -> Self {
        Self {
            dir,
            timeouts,
            next_sweep: Mutex::new(Instant::now()),
            changing: Mutex::default(),
        }
    }

    /// Creates the directory if it is missing, checks that it can be written to, and removes expired files.
    pub(super) fn prepare(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)?;
        tempfile::tempfile_in(&self.dir)?;
        self.sweep();
        Ok(())
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    /// Returns the session and renews its idle timeout. Returns an empty one if there is none, `None` if its file is
    /// malformed.
    pub(super) fn load(&self, id: Uuid) -> io::Result<Option<State>> {
        match self.read_active(id) {
            Ok(None) => Ok(Some(State::new())),
            Ok(Some((file, record))) => {
                file.set_modified(SystemTime::now())?;
                Ok(Some(record.into_state(false)))
            }
            Err(ReadError::Io(error)) => Err(error),
            Err(ReadError::Malformed(error)) => {
                let (dir, id) = (self.dir.display(), id.to_string());
                log::warn!(
                    "session file {dir}/{}…: {error}; left as it is, the visitor gets a new session",
                    &id[..8]
                );
                Ok(None)
            }
        }
    }

    /// Writes `state`, and returns the ID that the session has now.
    pub(super) fn update(&self, id: Uuid, state: State) -> io::Result<Uuid> {
        if self.timeouts.has_expired_since_load(&state, record::now()) {
            return Ok(id);
        }
        self.sweep_if_due();
        let _changing = self.lock();
        let current = match self.read_active(id) {
            Ok(found) => found.map(|(_, record)| record.metadata()),
            Err(ReadError::Io(error)) => return Err(error),
            Err(ReadError::Malformed(error)) => return Err(io::Error::other(error)),
        };
        let record = Record::updated(id, state, current, record::now())?;
        self.replace(&record)?;
        if record.id != id {
            self.unlink(id)?;
        }
        Ok(record.id)
    }

    /// Returns the session's file and record, unless there is none or it has expired.
    fn read_active(&self, id: Uuid) -> Result<Option<(File, Record)>, ReadError> {
        let mut file = match File::open(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        if self.is_expired(&file.metadata()?)? {
            return Ok(None);
        }
        let mut json = Vec::new();
        file.read_to_end(&mut json)?;
        let record = Record::read(id, &json)?;
        let expired = self.timeouts.is_expired(record.created_at, record::now());
        Ok((!expired).then_some((file, record)))
    }

    /// Returns whether a session that was last used when its file was modified has expired by either timeout. A session
    /// is at least as old as its last use, so the absolute timeout applies as well.
    fn is_expired(&self, metadata: &fs::Metadata) -> io::Result<bool> {
        let unused = metadata.modified()?.elapsed().unwrap_or_default();
        let Timeouts { idle, absolute } = self.timeouts;
        Ok([idle, absolute]
            .iter()
            .any(|limit| limit.0.is_some_and(|limit| unused >= limit)))
    }

    pub(super) fn write(&self, record: &Record) -> io::Result<()> {
        self.sweep_if_due();
        let _changing = self.lock();
        self.replace(record)
    }

    pub(super) fn remove(&self, id: Uuid) -> io::Result<()> {
        let _changing = self.lock();
        self.unlink(id)
    }

    fn replace(&self, record: &Record) -> io::Result<()> {
        // It has mode 0600, and is removed if anything fails before the rename.
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(&self.dir)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        file.persist(self.path(record.id))
            .map_err(|error| error.error)?;
        Ok(())
    }

    fn unlink(&self, id: Uuid) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sweep_if_due(&self) {
        let mut next = self
            .next_sweep
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= *next {
            let idle = self.timeouts.idle.0.unwrap_or(SWEEP_EVERY);
            *next = Instant::now() + idle.min(SWEEP_EVERY);
            drop(next);
            self.sweep();
        }
    }

    /// Removes expired sessions, and old temporary files that a killed server has left. It ignores errors: the next
    /// sweep tries again.
    fn sweep(&self) {
        let Ok(files) = fs::read_dir(&self.dir) else {
            return;
        };
        for file in files.flatten() {
            let name = file.file_name();
            let _changing = self.lock();
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            let abandoned = name.to_string_lossy().starts_with(".new-")
                && metadata
                    .modified()
                    .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > SWEEP_EVERY));
            let expired = Path::new(&name).extension().is_some_and(|it| it == "json")
                && self.is_expired(&metadata).unwrap_or(false);
            if metadata.is_file() && (abandoned || expired) {
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
}
