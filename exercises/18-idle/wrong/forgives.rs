        let mut redis = self.pool.get().await?;
        Ok(cmd("GETEX").arg(key(id)).arg("EX").arg(self.idle_timeout.as_secs()).query_async(&mut redis).await.unwrap_or(None))
