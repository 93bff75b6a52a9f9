        let new = tempfile::NamedTempFile::new_in(&self.folder)?;
        fs::write(&new, json)?;
        fs::copy(&new, path)?;
        Ok(())
