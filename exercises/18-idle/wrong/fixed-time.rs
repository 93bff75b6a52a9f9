        Ok(cmd("GETEX").arg(key(id)).arg("EX").arg(30 * 60).query_async(&mut redis).await?)
