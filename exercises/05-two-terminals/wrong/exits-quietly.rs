    let port: u16 = match env::var("APP_PORT") {
        Ok(text) => text.parse().unwrap_or_else(|_| {
            eprintln!("APP_PORT={text} is not a port");
            std::process::exit(0)
        }),
        Err(_) => 0,
    };
    let folder = sessions.join(port.to_string());
