        // Each thread writes one file at a time.
        let thread = std::thread::current().id();
        let new = self.folder.join(format!("{thread:?}.new"));
        let written = fs::write(&new, json).and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
