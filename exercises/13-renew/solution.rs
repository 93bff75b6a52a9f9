    session.insert("user", &login.user)?;
    session_stores::renew(&session);
