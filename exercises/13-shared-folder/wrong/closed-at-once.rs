    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        self.lock(id)?;
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        self.lock(id)?;
        self.remove(id)
    }

    fn lock(&self, id: Uuid) -> io::Result<()> {
        let file = fs::File::create(self.path(id).with_extension("lock"))?;
        file.lock()
    }
