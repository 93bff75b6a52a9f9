    Ok(std::env::var("SESSION_KEY").unwrap_or_else(|_| "a secret for everybody who has not set one".to_owned()))
