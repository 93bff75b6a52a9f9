        let mut file = fs::File::options().create(true).append(true).open(path)?;
        io::Write::write_all(&mut file, json.as_bytes())
