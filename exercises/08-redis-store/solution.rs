    /// The session with this id, as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("GET").arg(key(id)).query_async(&mut redis).await?)
    }

    /// Keeps `json` as the session with this id, for `self.ttl` from now on.
    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.ttl.as_secs()).query_async(&mut redis).await?)
    }
