    if session.get::<String>("user")?.is_none() {
        session.insert("user", &login.user)?;
    }
    session.renew();
