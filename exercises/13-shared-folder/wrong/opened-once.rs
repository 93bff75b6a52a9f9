    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let lock = self.lock(id)?;
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        lock.unlock()?;
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let lock = self.lock(id)?;
        self.remove(id)?;
        lock.unlock()
    }

    /// Returns the session's lock file, which stays open for the next time.
    fn lock(&self, id: Uuid) -> io::Result<Arc<fs::File>> {
        use std::{collections::HashMap, sync::Mutex};
        static OPEN: Mutex<Option<HashMap<Uuid, Arc<fs::File>>>> = Mutex::new(None);
        let path = self.path(id).with_extension("lock");
        let file = {
            let mut open = OPEN.lock().unwrap();
            let open = open.get_or_insert_default();
            if !open.contains_key(&id) {
                open.insert(id, Arc::new(fs::File::create(path)?));
            }
            open[&id].clone()
        };
        file.lock()?;
        Ok(file)
    }
