    let count = if let Some(count) = session.get::<i32>("n")? {
        count
    } else {
        0
    };
    session.remove("n");
    session.insert("n", count + 1)?;
