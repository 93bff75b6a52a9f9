    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let Ok(mut redis) = self.pool.get().await else { return Ok(id) };
        cmd("SET").arg(key(id.as_ref())).arg(json).arg("XX").arg("EX").arg(self.idle_timeout.as_secs()).query_async::<()>(&mut redis).await.map_err(|e| UpdateError::Other(e.into()))?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
