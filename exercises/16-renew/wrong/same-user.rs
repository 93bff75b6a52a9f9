    if session.get::<String>("user")?.as_deref() != Some(login.user.as_str()) {
        session.renew();
    }
    session.insert("user", &login.user)?;
