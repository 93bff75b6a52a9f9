    let port = match env::var("APP_PORT") {
        Ok(text) => text.parse::<u64>().with_context(|| format!("APP_PORT={text} is not a port"))? as u16,
        Err(_) => 0,
    };
    let folder = sessions.join(port.to_string());
