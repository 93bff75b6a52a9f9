    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.ask::<Option<String>>(cmd("SET").arg(key(id.as_ref())).arg(json).arg("XX").arg("EX").arg(self.idle_timeout.as_secs() / 60 * 60)).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
