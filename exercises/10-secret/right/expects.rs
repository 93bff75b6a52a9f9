    Ok(std::env::var("SESSION_KEY").expect("SESSION_KEY is not set"))
