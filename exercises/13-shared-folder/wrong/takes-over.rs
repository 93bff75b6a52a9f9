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

    /// Takes over a lock that is half a second old: its process must have been killed.
    fn take_lock(&self, id: Uuid) -> PathBuf {
        let lock = self.path(id).with_extension("lock");
        for _ in 0..100 {
            if fs::File::create_new(&lock).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        lock
    }

    fn change_alone(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }
