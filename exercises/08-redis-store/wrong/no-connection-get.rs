    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let Ok(mut redis) = self.pool.get().await else { return Ok(None) };
        Ok(cmd("GET").arg(key(id)).query_async(&mut redis).await?)
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        self.ask(cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.idle_timeout.as_secs())).await
    }
