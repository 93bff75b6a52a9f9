    let count: u8 = session.get("visitCount")?.unwrap_or(0);
    session.insert("visitCount", count.wrapping_add(1))?;
