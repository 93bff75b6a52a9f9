    let text: String = session.get("visits")?.unwrap_or_default();
    let count: u64 = text.parse().unwrap_or(0);
    session.insert("visits", (count + 1).to_string())?;
