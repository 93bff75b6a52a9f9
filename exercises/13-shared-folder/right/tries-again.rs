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

    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        let folder = self.0.join("locks");
        fs::create_dir_all(&folder)?;
        let file = fs::File::create(folder.join(id.to_string()))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(2)),
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
        }
    }
