    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.set(id.as_ref(), json).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
