    std::env::var("SESSION_KEY")
        .map_err(|_| anyhow::anyhow!("SESSION_KEY is not set; all instances need the same one, of 32 characters or more"))
