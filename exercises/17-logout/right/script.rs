    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let script = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end";
        let mut set = cmd("EVAL");
        set.arg(script).arg(1).arg(key(id.as_ref())).arg(json).arg(self.idle_timeout.as_secs());
        self.ask::<()>(&set).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("UNLINK").arg(key(id.as_ref()))).await
    }
