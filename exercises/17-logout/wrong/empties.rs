    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let mut set = cmd("SET");
        set.arg(key(id.as_ref())).arg(json).arg("XX").arg("EX").arg(self.idle_timeout.as_secs());
        self.ask::<()>(&set).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.set(id.as_ref(), "{}".to_owned()).await
    }
