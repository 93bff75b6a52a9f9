    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        self.alone(id, || {
            let mut session = self.read(id)?;
            change(&mut session);
            self.write(id, &session)?;
            Ok(session)
        })
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        self.alone(id, || self.remove(id))
    }

    fn alone<T>(&self, id: Uuid, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let lock = fs::File::create(self.0.join(format!(".{id}")))?;
        lock.lock()?;
        let result = work();
        lock.unlock()?;
        result
    }
