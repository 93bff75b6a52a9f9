        Ok(cmd("GETEX").arg(key(id)).arg("EX").arg(self.ttl.as_secs()).query_async(&mut redis).await?)
