    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("GET").arg(key(id)).query_async(&mut redis).await?)
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let mut redis = self.pool.get().await?;
        let mut both = deadpool_redis::redis::pipe();
        both.atomic().set(key(id), json).ignore().expire(key(id), self.idle_timeout.as_secs() as i64).ignore();
        Ok(both.query_async(&mut redis).await?)
    }
