        let new = tempfile::NamedTempFile::new()?;
        fs::write(&new, json)?;
        new.persist(path)?;
        Ok(())
