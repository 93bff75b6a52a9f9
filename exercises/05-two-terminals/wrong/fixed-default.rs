    let text = env::var("APP_PORT").unwrap_or_else(|_| "15083".to_owned());
    let port: u16 = text.parse().with_context(|| format!("APP_PORT={text} is not a port"))?;
    let folder = sessions.join(port.to_string());
