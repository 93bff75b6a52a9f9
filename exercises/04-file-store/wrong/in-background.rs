        let (folder, path, json) = (self.folder.clone(), path.to_owned(), json.to_owned());
        std::thread::spawn(move || -> io::Result<()> {
            let new = tempfile::NamedTempFile::new_in(folder)?;
            fs::write(&new, json)?;
            new.persist(path)?;
            Ok(())
        });
        Ok(())
