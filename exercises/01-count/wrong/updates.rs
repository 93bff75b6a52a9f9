    let count: u64 = session.get("visitCount")?.unwrap_or(0);
    if count == 0 {
        session.insert("visitCount", 1)?;
    } else {
        session.update("visitCount", |count: u64| count + 1)?;
    }
