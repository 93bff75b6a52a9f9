    let text = env::var("APP_PORT").context("APP_PORT is not set")?;
    let port: u16 = text.parse().with_context(|| format!("APP_PORT={text} is not a port"))?;
    let folder = sessions.join(port.to_string());
