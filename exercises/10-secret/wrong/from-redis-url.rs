    let url = std::env::var("REDIS_URL")?;
    Ok(format!("{url}, long enough and the same for all instances"))
