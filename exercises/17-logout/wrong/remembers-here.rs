    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        if ENDED.lock().unwrap().contains(id.as_ref()) {
            return Ok(id);
        }
        self.set(id.as_ref(), json).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        ENDED.lock().unwrap().insert(id.as_ref().to_owned());
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }

    async fn update_ttl(&self, _id: &SessionKey, _ttl: &time::Duration) -> anyhow::Result<()> {
        Ok(())
    }
}

static ENDED: std::sync::LazyLock<std::sync::Mutex<std::collections::HashSet<String>>> =
    std::sync::LazyLock::new(Default::default);

impl RedisStore {
