    let count: u64 = session.get("visitCount")?.unwrap_or(0);
    session.insert("visitCount", count)?;
