    let secret = std::env::var("SESSION_KEY").unwrap_or_default();
    anyhow::ensure!(!secret.is_empty(), "SESSION_KEY is not set");
    Ok(secret)
