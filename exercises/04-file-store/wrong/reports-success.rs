        let new = tempfile::NamedTempFile::new_in(&self.folder)?;
        if fs::write(&new, json).is_ok() {
            new.persist(path)?;
        }
        Ok(())
