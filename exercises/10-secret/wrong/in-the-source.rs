    Ok("a secret that is the same for all instances, in the source for all to read".to_owned())
