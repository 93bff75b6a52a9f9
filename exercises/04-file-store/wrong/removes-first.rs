        let _ = fs::remove_file(path);
        let new = tempfile::NamedTempFile::new_in(&self.folder)?;
        fs::write(&new, json)?;
        new.persist(path)?;
        Ok(())
