    Ok(std::env::var("SESSION_KEY")?.chars().take(32).collect())
