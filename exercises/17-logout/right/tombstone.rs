    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let script = "if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end";
        let key = key(id.as_ref());
        let mut set = cmd("EVAL");
        set.arg(script).arg(2).arg(&key).arg(format!("ended:{key}")).arg(json).arg(self.idle_timeout.as_secs());
        self.ask::<()>(&set).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    /// Leaves a mark for a minute, which is longer than any request takes.
    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        let script = "redis.call('SET', KEYS[2], '', 'EX', 60) redis.call('DEL', KEYS[1])";
        let key = key(id.as_ref());
        self.ask(cmd("EVAL").arg(script).arg(2).arg(&key).arg(format!("ended:{key}"))).await
    }
