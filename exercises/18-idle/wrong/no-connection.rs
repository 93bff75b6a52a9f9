        let Ok(mut redis) = self.pool.get().await else { return Ok(None) };
        Ok(cmd("GETEX").arg(key(id)).arg("EX").arg(self.idle_timeout.as_secs()).query_async(&mut redis).await?)
