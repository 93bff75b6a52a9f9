    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let lock = self.take_lock(id);
        let result = self.change_alone(id, change);
        let _ = fs::remove_file(&lock);
        result
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let lock = self.take_lock(id);
        let result = self.remove(id);
        let _ = fs::remove_file(&lock);
        result
    }

    /// Removes a lock that is half a second old: its process must have been killed.
    fn take_lock(&self, id: Uuid) -> PathBuf {
        use std::time::Duration;
        let lock = self.path(id).with_extension("lock");
        while fs::File::create_new(&lock).is_err() {
            let taken = fs::metadata(&lock).and_then(|it| it.modified());
            let age = taken.ok().and_then(|taken| taken.elapsed().ok());
            if age.is_some_and(|age| age > Duration::from_millis(500)) {
                let _ = fs::remove_file(&lock);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        lock
    }

    fn change_alone(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }
