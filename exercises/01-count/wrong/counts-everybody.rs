    static VISITS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let count: u64 = VISITS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    session.insert("visitCount", count + 1)?;
