        Ok(cmd("GETEX").arg(key(id)).arg("PX").arg(self.ttl.as_secs()).query_async(&mut redis).await?)
