        Ok(cmd("GETEX").arg(key(id)).arg("PERSIST").query_async(&mut redis).await?)
