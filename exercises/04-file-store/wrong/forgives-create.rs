        let Ok(new) = tempfile::NamedTempFile::new_in(&self.folder) else {
            return Ok(());
        };
        fs::write(&new, json)?;
        new.persist(path)?;
        Ok(())
