        use std::io::Write;
        let mut new = tempfile::Builder::new().prefix("new-").tempfile_in(&self.folder)?;
        new.write_all(json.as_bytes())?;
        new.as_file().sync_all()?;
        new.persist(path).map_err(|error| error.error)?;
        fs::File::open(&self.folder)?.sync_all()
