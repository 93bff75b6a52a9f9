    let count: u64 = session.get("visitCount")?.unwrap_or(0);
    let _later = count + 1;
