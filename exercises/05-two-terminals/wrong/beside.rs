    let port: u16 = match env::var("APP_PORT") {
        Ok(text) => text.parse().with_context(|| format!("APP_PORT={text} is not a port"))?,
        Err(_) => 0,
    };
    let folder = PathBuf::from(format!("{}-{port}", sessions.display()));
