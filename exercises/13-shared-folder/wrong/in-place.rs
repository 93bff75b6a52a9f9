    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        use std::io::{Read, Seek, Write};
        let mut file = self.lock(id)?;
        let mut json = String::new();
        file.read_to_string(&mut json)?;
        let mut session = if json.is_empty() {
            Session::default()
        } else {
            serde_json::from_str(&json)?
        };
        change(&mut session);
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(serde_json::to_string(&session)?.as_bytes())?;
        Ok(session)
    }

    fn end(&self, id: Uuid) -> io::Result<()> {
        let file = self.lock(id)?;
        file.set_len(0)
    }

    fn lock(&self, id: Uuid) -> io::Result<fs::File> {
        let mut options = fs::File::options();
        let file = options.read(true).write(true).create(true).open(self.path(id))?;
        file.lock()?;
        Ok(file)
    }
