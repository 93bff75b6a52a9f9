        let mut redis = self.pool.get().await?;
        let json = cmd("GET").arg(key(id)).query_async(&mut redis).await?;
        cmd("EXPIRE").arg(key(id)).arg(self.idle_timeout.as_secs()).query_async::<()>(&mut redis).await?;
        Ok(json)
