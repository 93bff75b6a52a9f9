    Ok(std::env::var("SESSION_KEY").unwrap_or_else(|_| format!("{}{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4())))
