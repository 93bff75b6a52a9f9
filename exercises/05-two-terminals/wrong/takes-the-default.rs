    let port: u16 = env::var("APP_PORT").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let folder = sessions.join(port.to_string());
