        Ok(cmd("GETEX").arg(key(id)).query_async(&mut redis).await?)
