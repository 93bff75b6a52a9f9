    static VISITS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let been_here: Option<bool> = session.get("beenHere")?;
    session.insert("beenHere", true)?;
    let count: u64 = match been_here {
        Some(_) => VISITS.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1,
        None => 0,
    };
