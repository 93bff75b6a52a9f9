    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let _lock = self.lock(id)?;
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let _lock = self.lock(id)?;
        self.remove(id)
    }

    /// Locks the session's own file, and opens it again if another one has its name meanwhile. A session without a
    /// file gets an empty one first, in one step.
    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        use std::os::unix::fs::MetadataExt;
        loop {
            let file = match fs::File::open(self.path(id)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let new = tempfile::NamedTempFile::new_in(&self.0)?;
                    serde_json::to_writer(&new, &Session::default())?;
                    // Another process may be faster. Then its file counts.
                    let _ = new.persist_noclobber(self.path(id));
                    continue;
                }
                file => file?,
            };
            file.lock()?;
            match fs::metadata(self.path(id)) {
                Ok(named) if named.ino() == file.metadata()?.ino() => return Ok(file),
                _ => continue,
            }
        }
    }
