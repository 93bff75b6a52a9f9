    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let lock = self.path(id).with_extension("lock");
        while fs::File::create_new(&lock).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let result = self.change_alone(id, change);
        fs::remove_file(&lock)?;
        result
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let lock = self.path(id).with_extension("lock");
        while fs::File::create_new(&lock).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let result = self.remove(id);
        fs::remove_file(&lock)?;
        result
    }

    fn change_alone(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }
