//! The directory of the session files. All functions may block.

use std::{
    fs::{self, DirBuilder, File, Metadata},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use rustix::fs::OFlags;
use uuid::Uuid;

use crate::{Loaded, MalformedRecord, Record, Saved, ShortId, StoreError, Timeouts, record};

/// Names of files that are being written start with this.
pub(super) const TEMPORARY: &str = ".new-";

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) dir: PathBuf,
    pub(super) timeouts: Timeouts,
    /// When the next sweep is due. The sweep holds it while it runs.
    pub(super) next_sweep: Mutex<Instant>,
    /// Held while a file is first inspected and then replaced or removed. Otherwise a late write could undo a newer
    /// one, and a sweep could remove a file that has just been replaced.
    changing: Mutex<()>,
}

/// Why a session could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("a session file can't be read: {0}")]
    Io(#[from] io::Error),
    #[error("a session file is malformed: {0}")]
    Malformed(#[from] MalformedRecord),
    #[error("a session file is not a regular file")]
    NotAFile,
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

    /// Creates the directory if it is missing, checks that it can be written to, and starts to remove expired files.
    pub(super) fn prepare(self: &Arc<Self>) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)?;
        tempfile::tempfile_in(&self.dir)?;
        self.start_sweep_if_due();
        Ok(())
    }

    /// Returns the session and renews its idle timeout. Returns an empty one if there is none, `None` if its file is
    /// malformed.
    pub(super) fn load(&self, id: Uuid) -> Result<Option<Loaded>, StoreError> {
        match self.read_active(id) {
            Ok(None) => Ok(Some(Loaded::unknown(id, &self.timeouts))),
            Ok(Some((file, record))) => {
                file.set_modified(SystemTime::now())
                    .map_err(StoreError::failed)?;
                Ok(Some(Loaded::stored(record)))
            }
            Err(error @ ReadError::Io(_)) => Err(StoreError::failed(error)),
            Err(error) => {
                let (dir, id) = (self.dir.display(), ShortId::from(id));
                log::warn!("{dir}/{id}…: {error}; left as it is, the visitor gets a new session");
                Ok(None)
            }
        }
    }

    /// Replaces the session `old` by `record`, which may have a new ID, if its version is still the one that was
    /// `read`. `None` means that there must be no such session.
    pub(super) fn replace(
        &self,
        old: Uuid,
        read: Option<u64>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        let json = record.encode()?;
        let _changing = self.lock();
        let current = self.read_active(old).map_err(StoreError::failed)?;
        if let Some(refused) = Saved::refusal(current.as_ref().map(|(_, record)| record), read) {
            return Ok(refused);
        }
        self.write(record.id, &json).map_err(StoreError::failed)?;
        if record.id != old {
            self.remove(old).map_err(StoreError::failed)?;
        }
        Ok(Saved::Written(record.id.to_string()))
    }

    pub(super) fn delete(&self, id: Uuid) -> Result<(), StoreError> {
        let _changing = self.lock();
        self.remove(id).map_err(StoreError::failed)
    }

    /// Returns the session's file and record, unless there is none or it has expired.
    pub(super) fn read_active(&self, id: Uuid) -> Result<Option<(File, Record)>, ReadError> {
        let path = self.path(id);
        let Some(file) = open(&path)? else {
            return Ok(None);
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ReadError::NotAFile);
        }
        let unused = age(&metadata)?;
        if self.timeouts.idle.is_some_and(|limit| unused >= limit) {
            return Ok(None);
        }
        // A session's file is replaced and never changed, so its length is known. One call reads it, without another
        // for its end.
        let bytes = metadata.len().min(Record::MAX_BYTES as u64 + 1);
        let mut json = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
        (&file).take(bytes).read_to_end(&mut json)?;
        let record = Record::decode(id, &json)?;
        let expired = self.timeouts.is_expired(&record, record::now());
        Ok((!expired).then_some((file, record)))
    }

    /// Writes a session. Readers see the former file or the new one.
    fn write(&self, id: Uuid, json: &[u8]) -> io::Result<()> {
        // It has mode 0600, and is removed if anything fails before the rename.
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&self.dir)?;
        file.write_all(json)?;
        file.persist(self.path(id)).map_err(|error| error.error)?;
        Ok(())
    }

    pub(super) fn remove(&self, id: Uuid) -> io::Result<()> {
        found(fs::remove_file(self.path(id)))?;
        Ok(())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: Uuid) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }
}

/// Opens a session's file, if there is one. Does not follow a link, and does not wait for the other end of a FIFO.
fn open(path: &Path) -> Result<Option<File>, ReadError> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    found(opened).map_err(|error| match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => ReadError::NotAFile,
        _ => error.into(),
    })
}

/// Returns how long ago the file was written, or used if it is a session's.
pub(super) fn age(metadata: &Metadata) -> io::Result<Duration> {
    Ok(metadata.modified()?.elapsed().unwrap_or_default())
}

/// Turns the error of a missing file into `None`.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
