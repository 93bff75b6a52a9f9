        let new = tempfile::NamedTempFile::new_in(&self.folder)?;
        let result = fs::write(new.path(), json);
        if result.is_err() {
            for entry in fs::read_dir(&self.folder)? {
                let other = entry?.path();
                if other != path { let _ = fs::remove_file(other); }
            }
            return result;
        }
        new.persist(path)?;
        Ok(())
