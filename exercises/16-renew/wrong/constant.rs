    session.insert("user", "alice")?;
    session.renew();
