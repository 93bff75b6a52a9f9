    /// Lets `change` change the session with this ID, and returns the session with the change.
    ///
    /// `change` may take a while. Meanwhile other threads and other processes call this function.
    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let _lock = self.lock(id)?;
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }

    /// Ends the session with this ID.
    fn end(&self, id: Uuid) -> io::Result<()> {
        let _lock = self.lock(id)?;
        self.remove(id)
    }

    /// Waits for the session's lock and returns the locked file. Closing the file releases the lock.
    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        let file = fs::File::create(self.path(id).with_extension("lock"))?;
        file.lock()?;
        Ok(file)
    }
