    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        let file = fs::File::create(self.0.join(format!("{id}.lock")))?;
        file.lock()?;
        Ok(file)
    }

    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let _lock = self.lock(id)?;
        let mut session = self.read(id)?;
        change(&mut session);
        let _ = self.write(id, &session);
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let _lock = self.lock(id)?;
        self.remove(id)
    }
