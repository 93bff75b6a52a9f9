    let port: u16 = match env::var("APP_PORT") {
        Ok(text) => text.parse()?,
        Err(_) => 0,
    };
    let folder = sessions.join(port.to_string());
