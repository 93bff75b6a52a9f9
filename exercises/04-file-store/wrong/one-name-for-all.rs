        let new = self.folder.join("new");
        let written = fs::write(&new, json).and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
