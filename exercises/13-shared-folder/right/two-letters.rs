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

    /// Locks one of 256 files, by the first two letters of the ID, so that no lock file is ever left over.
    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        let letters = &id.to_string()[..2];
        let file = fs::File::options().append(true).create(true).open(self.0.join(format!("{letters}.lock")))?;
        file.lock()?;
        Ok(file)
    }
