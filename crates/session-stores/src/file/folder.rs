//! The directory, and what is done with the files in it.

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

/// How often expired files are looked for, at most.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The directory itself; everything here may block.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) dir: PathBuf,
    timeouts: Timeouts,
    next_sweep: Mutex<Instant>,
    /// Held by who looks at a file and then replaces or removes one: a change doesn't bring back what a renewal or a
    /// logout has just removed, and a sweep doesn't look at an old file and remove a new one.
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

    /// The session, its idle timeout renewed; an empty one if there is none; `None` if what lies there is malformed.
    pub(super) fn load(&self, id: Uuid) -> io::Result<Option<State>> {
        match self.living(id) {
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

    /// Writes `state`; returns the id that the session has now.
    pub(super) fn update(&self, id: Uuid, state: State) -> io::Result<Uuid> {
        if self.timeouts.over_since_load(&state, record::now()) {
            return Ok(id);
        }
        self.sweep_if_due();
        let _changing = self.lock();
        let present = match self.living(id) {
            Ok(found) => found.map(|(_, record)| record.origin()),
            Err(ReadError::Io(error)) => return Err(error),
            Err(ReadError::Malformed(error)) => return Err(io::Error::other(error)),
        };
        let record = Record::updated(id, state, present, record::now())?;
        self.replace(&record)?;
        if record.id != id {
            self.unlink(id)?;
        }
        Ok(record.id)
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
        Ok(self
            .timeouts
            .idle
            .0
            .into_iter()
            .chain(self.timeouts.absolute.0)
            .any(|limit| unused >= limit))
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
        // Mode 0600, and gone by itself if anything fails before the rename.
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
            *next = Instant::now()
                + self
                    .timeouts
                    .idle
                    .0
                    .map_or(SWEEP_EVERY, |idle| idle.min(SWEEP_EVERY));
            drop(next);
            self.sweep();
        }
    }

    /// Removes what is over, and what a killed server left half written a while ago. Nobody waits for a sweep to
    /// succeed: what can't be removed now is met again next time.
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
            let over = Path::new(&name).extension().is_some_and(|it| it == "json")
                && self.unused(&metadata).unwrap_or(false);
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
