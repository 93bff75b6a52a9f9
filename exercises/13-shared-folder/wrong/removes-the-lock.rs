    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let _lock = self.lock(id)?;
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        let _ = fs::remove_file(self.path(id).with_extension("lock"));
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let _lock = self.lock(id)?;
        let _ = fs::remove_file(self.path(id).with_extension("lock"));
        self.remove(id)
    }

    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        let file = fs::File::create(self.path(id).with_extension("lock"))?;
        file.lock()?;
        Ok(file)
    }
