    static KNOWN: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    session.insert("user", &login.user)?;
    let mut known = KNOWN.lock().unwrap();
    if !known.contains(&login.user) {
        known.push(login.user.clone());
        session.renew();
    }
