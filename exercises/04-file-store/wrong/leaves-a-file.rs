        let new = self.folder.join(format!("{}.new", Uuid::new_v4()));
        fs::write(&new, json)?;
        fs::rename(&new, path)
