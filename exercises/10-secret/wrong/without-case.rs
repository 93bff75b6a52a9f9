    Ok(std::env::var("SESSION_KEY")?.to_lowercase())
