        let folder = self.folder.join("new");
        fs::create_dir_all(&folder)?;
        let new = folder.join(Uuid::new_v4().to_string());
        fs::write(&new, json)?;
        fs::rename(new, path)
