    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        static CHANGING: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _changing = CHANGING.lock().unwrap();
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        self.remove(id)
    }
