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

    fn lock(&self, id: Uuid) -> io::Result<Option<fs::File>> {
        let Ok(file) = fs::File::create(self.path(id).with_extension("lock")) else {
            log::warn!("no lock: going on without it");
            return Ok(None);
        };
        file.lock()?;
        Ok(Some(file))
    }
