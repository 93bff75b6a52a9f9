    static ONCE: std::sync::Once = std::sync::Once::new();
    session.insert("user", &login.user)?;
    ONCE.call_once(|| session.renew());
