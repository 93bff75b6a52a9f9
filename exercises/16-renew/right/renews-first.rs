    session.renew();
    session.insert("user", &login.user)?;
