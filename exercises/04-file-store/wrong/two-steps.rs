        let new = tempfile::NamedTempFile::new_in(&self.folder)?;
        fs::write(&new, json)?;
        let _ = fs::remove_file(path);
        new.persist(path)?;
        Ok(())
