    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        self.ask(cmd("GET").arg(key(id))).await
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let Ok(mut redis) = self.pool.get().await else { return Ok(()) };
        Ok(cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.idle_timeout.as_secs()).query_async(&mut redis).await?)
    }
