        let whole = tempfile::NamedTempFile::new_in(&self.folder)?;
        fs::write(&whole, json)?;
        whole.persist(path)?;
        Ok(())
