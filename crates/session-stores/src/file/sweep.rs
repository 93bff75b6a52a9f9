//! The removal of expired files, in the background.

use std::{
    fs::{self, DirEntry},
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::folder::{Folder, TEMPORARY, age};
use crate::id;

/// Shortest time between two sweeps, and the age at which a temporary file counts as abandoned.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

impl Folder {
    /// Starts a sweep on a thread of its own if one is due and none is running.
    pub(super) fn start_sweep_if_due(self: &Arc<Self>) {
        if !self.next_sweep.try_lock().is_ok_and(|next| is_past(*next)) {
            return;
        }
        let folder = Arc::clone(self);
        let sweep = thread::Builder::new().name("session-sweep".to_owned());
        if let Err(error) = sweep.spawn(move || folder.sweep_if_due()) {
            log::warn!("expired session files are not removed for now: {error}");
        }
    }

    fn sweep_if_due(&self) {
        // Another thread may have been faster.
        if let Ok(mut next) = self.next_sweep.try_lock()
            && is_past(*next)
        {
            self.sweep();
            *next = Instant::now() + self.timeouts.idle.unwrap_or(SWEEP_EVERY).min(SWEEP_EVERY);
        }
    }

    /// Removes expired sessions, and temporary files that a killed server has left. It ignores errors: the next sweep
    /// tries again.
    fn sweep(&self) {
        let Ok(files) = fs::read_dir(&self.dir) else {
            return;
        };
        for file in files.flatten() {
            let _ = self.remove_if_expired(&file);
        }
    }

    /// Takes the lock for this file alone, so that a visitor doesn't wait for the sweep.
    fn remove_if_expired(&self, file: &DirEntry) -> io::Result<()> {
        let name = file.file_name();
        let Some(name) = name.to_str() else {
            return Ok(());
        };
        let unused = age(&file.metadata()?)?;
        if name.starts_with(TEMPORARY) {
            if unused > SWEEP_EVERY {
                fs::remove_file(file.path())?;
            }
        } else if let Some(id) = name.strip_suffix(".json").and_then(id::parse) {
            // Most files are in use. They are not worth reading before the shorter timeout.
            let [idle, absolute] = [self.timeouts.idle, self.timeouts.absolute];
            if idle
                .into_iter()
                .chain(absolute)
                .any(|limit| unused >= limit)
            {
                let _changing = self.lock();
                if let Ok(None) = self.read_active(id) {
                    self.remove(id)?;
                }
            }
        }
        Ok(())
    }
}

fn is_past(time: Instant) -> bool {
    Instant::now() >= time
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::unix::fs::symlink, path::Path, time::SystemTime};

    use time::OffsetDateTime;

    use super::*;
    use crate::{Record, Timeouts};

    const HOUR: Duration = Duration::from_secs(3600);

    fn timeouts(idle: Option<Duration>, absolute: Option<Duration>) -> Timeouts {
        Timeouts { idle, absolute }
    }

    /// Writes a file that was last used `age` ago.
    fn write(path: &Path, content: &[u8], age: Duration) {
        fs::write(path, content).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    /// Sweeps a directory with one file, which was last used `age` ago. Returns whether it stays.
    fn stays(name: &str, content: &[u8], age: Duration, limits: Timeouts) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        write(&path, content, age);
        Folder::new(dir.path().to_owned(), limits).sweep();
        path.exists()
    }

    #[test]
    fn sessions_are_removed_when_a_timeout_has_passed() {
        let (hour, long) = (Some(HOUR), Some(3 * HOUR));
        for (limits, absolute_in_record, old_stays) in [
            (Timeouts::NEVER, None, true),
            (timeouts(hour, None), None, false),
            (timeouts(None, hour), None, false),
            (timeouts(None, hour), long, true),
            (timeouts(long, hour), None, false),
            (timeouts(long, long), None, true),
        ] {
            for (age, expected) in [(HOUR / 2, true), (2 * HOUR, old_stays)] {
                let began = OffsetDateTime::now_utc() - age;
                let record = Record::begin(None, began, &timeouts(None, absolute_in_record));
                let (name, json) = (format!("{}.json", record.id), record.encode().unwrap());
                assert_eq!(stays(&name, &json, age, limits), expected, "{limits:?}");
            }
        }
    }

    /// A visitor may return just when the sweep has found that the session under this ID has expired.
    #[test]
    fn a_session_that_begins_again_is_left_alone() {
        let limits = timeouts(Some(HOUR), None);
        for _ in 0..100 {
            let dir = tempfile::tempdir().unwrap();
            let folder = Folder::new(dir.path().to_owned(), limits);
            let again = Record::begin(None, OffsetDateTime::now_utc(), &limits);
            let path = dir.path().join(format!("{}.json", again.id));
            write(&path, &again.encode().unwrap(), 2 * HOUR);
            thread::scope(|scope| {
                scope.spawn(|| folder.sweep());
                folder.replace(again.id, None, &again).unwrap();
            });
            assert!(folder.read_active(again.id).unwrap().is_some());
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        let limits = timeouts(Some(Duration::ZERO), None);
        for (name, age, expected) in [
            ("package.json", 2 * HOUR, true),
            ("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e.txt", 2 * HOUR, true),
            // A server may be writing it.
            (".new-abcdef", Duration::ZERO, true),
            // A server was killed while it wrote it.
            (".new-ghijkl", HOUR, false),
        ] {
            assert_eq!(stays(name, b"", age, limits), expected, "{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e.json");
        symlink("package.json", &link).unwrap();
        Folder::new(dir.path().to_owned(), limits).sweep();
        assert!(link.is_symlink());
    }
}
