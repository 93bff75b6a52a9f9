    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("MGET").arg(key(id)).query_async::<Vec<Option<String>>>(&mut redis).await?.remove(0))
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        use deadpool_redis::redis::AsyncCommands;
        let mut redis = self.pool.get().await?;
        Ok(redis.pset_ex(key(id), json, self.idle_timeout.as_millis() as u64).await?)
    }
