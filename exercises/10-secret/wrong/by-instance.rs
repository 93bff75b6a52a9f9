    let instance = std::env::var("INSTANCE")?;
    Ok(format!("{instance}'s own secret, the same at each start, and of a good length"))
