    session.insert("user", &login.user)?;
    session.renew();
