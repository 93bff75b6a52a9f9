    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("GET").arg(key(id)).query_async(&mut redis).await?)
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let mut redis = self.pool.get().await?;
        let set = cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.idle_timeout.as_secs()).to_owned();
        let _ = set.query_async::<()>(&mut redis).await;
        Ok(())
    }
