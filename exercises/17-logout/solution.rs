    /// Stores `state` as the session with this ID, which was loaded when the request started.
    ///
    /// If the session has ended since then, it stays ended, and that is not an error.
    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let mut set = cmd("SET");
        set.arg(key(id.as_ref())).arg(json).arg("XX").arg("EX").arg(self.idle_timeout.as_secs());
        self.ask::<()>(&set).await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    /// Ends the session with this ID on every instance. actix-session removes the visitor's cookie.
    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
