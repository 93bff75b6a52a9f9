    let port: u16 = match env::var("PORT") {
        Ok(text) => text.parse().with_context(|| format!("PORT={text} is not a port"))?,
        Err(_) => 0,
    };
    let folder = sessions.join(port.to_string());
