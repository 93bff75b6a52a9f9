    let text = env::var("APP_PORT").unwrap_or("0".into());
    let port = text.parse().unwrap_or_else(|error| panic!("APP_PORT={text}: {error}"));
    let folder = sessions.join(format!("port-{port}"));
