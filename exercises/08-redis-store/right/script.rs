    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("GET").arg(key(id)).query_async(&mut redis).await?)
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let mut redis = self.pool.get().await?;
        let script = "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('EXPIRE', KEYS[1], ARGV[2])";
        Ok(cmd("EVAL").arg(script).arg(1).arg(key(id)).arg(json).arg(self.idle_timeout.as_secs()).query_async(&mut redis).await?)
    }
