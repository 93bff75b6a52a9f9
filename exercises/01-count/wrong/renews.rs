    let count: u64 = session.get("visitCount")?.unwrap_or(0);
    session.renew();
    session.insert("visitCount", count + 1)?;
