    if session.get::<String>("user")?.is_none() {
        session.renew();
    }
    session.insert("user", &login.user)?;
