        let new = self.folder.join(format!("{}.new", Uuid::new_v4()));
        let _ = fs::write(&new, json);
        fs::rename(&new, path)
