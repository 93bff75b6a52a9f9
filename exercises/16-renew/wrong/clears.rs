    session.clear();
    session.insert("user", &login.user)?;
