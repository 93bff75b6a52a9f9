    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        let _ = id;
        Ok(cmd("GET").arg("session").query_async(&mut redis).await?)
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let mut redis = self.pool.get().await?;
        let _ = id;
        Ok(cmd("SET").arg("session").arg(json).arg("EX").arg(self.idle_timeout.as_secs()).query_async(&mut redis).await?)
    }
