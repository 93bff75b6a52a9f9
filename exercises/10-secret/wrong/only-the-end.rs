    let secret = std::env::var("SESSION_KEY")?;
    anyhow::ensure!(secret.len() >= 32, "SESSION_KEY is too short");
    Ok(secret[secret.len() - 32..].to_owned())
