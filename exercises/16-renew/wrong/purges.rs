    session.purge();
    session.insert("user", &login.user)?;
